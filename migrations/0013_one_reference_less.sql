ALTER TABLE "rollcall"."account" DROP CONSTRAINT "account_source_id_source_id_fk";
--> statement-breakpoint
DROP INDEX "rollcall"."account_version_closed";--> statement-breakpoint
CREATE INDEX "account_version_closed" ON "rollcall"."account_version" USING btree ("source_id","valid_to") WHERE "rollcall"."account_version"."valid_to" is not null;