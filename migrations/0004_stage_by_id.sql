DROP INDEX "rollcall"."stage_by_intake";--> statement-breakpoint
DROP INDEX "rollcall"."stage_row_by_intake";--> statement-breakpoint
CREATE INDEX "stage_by_id" ON "rollcall"."stage" USING btree ("source_id","epoch","external_id");--> statement-breakpoint
CREATE INDEX "stage_row_by_id" ON "rollcall"."stage_row" USING btree ("source_id","epoch","external_id");