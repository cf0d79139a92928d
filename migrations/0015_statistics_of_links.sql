-- Autovacuum that counts links while a million of them are written and not yet committed sees none, and tells the planner so: each batch of a full look then
-- reads all of them (docs/decisions/0051). Who has linked many counts them within its own transaction, which sees them and keeps autovacuum away until it ends.
-- None of the three is worth waiting for: whoever has the table in hand (a VACUUM, an index that is made) counts it, or lets it be counted the next time.
CREATE FUNCTION rollcall.analyze_links() RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET lock_timeout = '2s'
  AS $$ BEGIN ANALYZE rollcall.link; EXCEPTION WHEN lock_not_available THEN NULL; END $$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION rollcall.analyze_stage() RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET lock_timeout = '2s'
  AS $$ BEGIN ANALYZE rollcall.stage, rollcall.stage_row; EXCEPTION WHEN lock_not_available THEN NULL; END $$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION rollcall.analyze_roster() RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET lock_timeout = '2s'
  AS $$ BEGIN ANALYZE rollcall.account, rollcall.account_key, rollcall.account_version; EXCEPTION WHEN lock_not_available THEN NULL; END $$;
--> statement-breakpoint
REVOKE ALL ON FUNCTION rollcall.analyze_links() FROM PUBLIC;
--> statement-breakpoint
COMMENT ON FUNCTION rollcall.analyze_links() IS 'Refreshes statistics of the links, for a worker that does not own them.';
