-- Staged listings are worthless after a crash: without WAL an unchanged roster costs none.
ALTER TABLE rollcall.stage SET UNLOGGED;
--> statement-breakpoint
ALTER TABLE rollcall.stage_row SET UNLOGGED;
--> statement-breakpoint
INSERT INTO rollcall.setting (id) VALUES (1);
--> statement-breakpoint
-- The worker owns no table and so may not ANALYZE; a first load without statistics makes the planner guess (a hash join on
-- guessed sizes once took a backend to gigabytes). These two are all that it may refresh.
CREATE FUNCTION rollcall.analyze_stage() RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = ''
  AS $$ BEGIN ANALYZE rollcall.stage, rollcall.stage_row; END $$;
--> statement-breakpoint
CREATE FUNCTION rollcall.analyze_roster() RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = ''
  AS $$ BEGIN ANALYZE rollcall.account, rollcall.account_key, rollcall.account_version; END $$;
--> statement-breakpoint
REVOKE ALL ON FUNCTION rollcall.analyze_stage(), rollcall.analyze_roster() FROM PUBLIC;
