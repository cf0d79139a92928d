CREATE TABLE "rollcall"."alert_channel" (
	"id" text PRIMARY KEY NOT NULL,
	"turn" bigint DEFAULT 0 NOT NULL,
	"not_before" timestamp with time zone,
	"retry_at" timestamp with time zone,
	"failures" integer DEFAULT 0 NOT NULL,
	"failing_since" timestamp with time zone,
	"dead_since" timestamp with time zone,
	"reason" text,
	"unanswered" boolean DEFAULT false NOT NULL
);
--> statement-breakpoint
COMMENT ON TABLE rollcall.alert_channel IS 'How the way to people stands, for all processes: whose turn it is to send, how long to wait, whether it is dead. One row an address, by its digest.';
