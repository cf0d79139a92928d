CREATE TABLE "rollcall"."dirty" (
	"source_id" integer NOT NULL,
	"external_id" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "rollcall"."former_key" (
	"source_id" integer NOT NULL,
	"external_id" text NOT NULL,
	"kind" text NOT NULL,
	"key" text NOT NULL,
	CONSTRAINT "former_key_pk" PRIMARY KEY("source_id","external_id","kind","key")
);
--> statement-breakpoint
ALTER TABLE "rollcall"."waiver" ADD COLUMN "warned_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "rollcall"."account" ADD COLUMN "undecided" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "rollcall"."account" ADD COLUMN "reuse_before_run" bigint;--> statement-breakpoint
ALTER TABLE "rollcall"."account" ADD COLUMN "moved_from" text;--> statement-breakpoint
ALTER TABLE "rollcall"."setting" ADD COLUMN "plan_digest" text;--> statement-breakpoint
ALTER TABLE "rollcall"."setting" ADD COLUMN "judged_on" date;--> statement-breakpoint
CREATE INDEX "former_key_by_key" ON "rollcall"."former_key" USING btree ("key","kind","source_id","external_id");--> statement-breakpoint
CREATE INDEX "account_by_manager" ON "rollcall"."account" USING btree ("source_id","manager_id") WHERE "rollcall"."account"."manager_id" is not null and "rollcall"."account"."gone_at" is null;--> statement-breakpoint
CREATE INDEX "account_undecided" ON "rollcall"."account" USING btree ("source_id") WHERE "rollcall"."account"."undecided";