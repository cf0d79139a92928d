-- Counting each identity's links reads this index alone, in its order (docs/decisions/0050). What is only included is no key: an index that had these columns as keys was
-- taken for looking up accounts, by a skip over all identities, while there were no statistics (a thousandfold).
DROP INDEX "rollcall"."link_by_identity";
--> statement-breakpoint
CREATE INDEX "link_by_identity" ON "rollcall"."link" USING btree ("identity_source_id","identity_external_id") INCLUDE ("source_id","external_id","rule");
