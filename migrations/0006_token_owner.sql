ALTER TABLE "rollcall"."source" ADD COLUMN "owner_external_id" text;--> statement-breakpoint
ALTER TABLE "rollcall"."source" ADD COLUMN "owner_email" text;