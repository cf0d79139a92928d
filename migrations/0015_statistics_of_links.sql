-- Autovacuum that counts links while a million of them are written and not yet committed sees none, and tells the planner so: each batch of a full look then
-- reads all of them (docs/decisions/0051). Who has linked many counts them within its own transaction, which sees them and keeps autovacuum away until it ends.
-- Autovacuum gives way after a second. Who else has the table in hand is not waited for: a VACUUM counts it itself, and `CREATE INDEX CONCURRENTLY` waits for this very transaction, a
-- deadlock that is none for who only asks for statistics.
CREATE FUNCTION rollcall.analyze_links() RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET lock_timeout = '2s'
  AS $$ BEGIN ANALYZE rollcall.link; EXCEPTION WHEN lock_not_available OR deadlock_detected THEN NULL; END $$;
--> statement-breakpoint
REVOKE ALL ON FUNCTION rollcall.analyze_links() FROM PUBLIC;
--> statement-breakpoint
-- Whoever may have the roster counted may have the links counted: a worker must not learn weeks later, when it links many, that its rights are of before.
DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_catalog.pg_roles r
              WHERE r.rolname = 'rollcall_worker' AND pg_catalog.has_function_privilege(r.oid, 'rollcall.analyze_roster()', 'EXECUTE')) THEN
    GRANT EXECUTE ON FUNCTION rollcall.analyze_links() TO rollcall_worker;
  END IF;
END $$;
--> statement-breakpoint
COMMENT ON FUNCTION rollcall.analyze_links() IS 'Refreshes statistics of the links, for a worker that does not own them.';
