CREATE TABLE "rollcall"."tick" (
	"source_id" integer NOT NULL,
	"schedule" text NOT NULL,
	"last_fire" timestamp with time zone NOT NULL,
	"missed" bigint DEFAULT 0 NOT NULL,
	"coalesced" bigint DEFAULT 0 NOT NULL,
	CONSTRAINT "tick_pk" PRIMARY KEY("source_id","schedule"),
	CONSTRAINT "tick_schedule" CHECK ("rollcall"."tick"."schedule" in ('schedule', 'fullSchedule'))
);
--> statement-breakpoint
ALTER TABLE "rollcall"."tick" ADD CONSTRAINT "tick_source_id_source_id_fk" FOREIGN KEY ("source_id") REFERENCES "rollcall"."source"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
COMMENT ON TABLE rollcall.tick IS 'What has fired: one row a schedule of a source, so that each fire is taken once however many workers there are, and a missed one is made up for.';
