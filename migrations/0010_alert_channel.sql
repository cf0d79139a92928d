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
