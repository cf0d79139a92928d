CREATE SCHEMA "rollcall";
--> statement-breakpoint
CREATE TABLE "rollcall"."audit" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "rollcall"."audit_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"at" timestamp with time zone NOT NULL,
	"author" text NOT NULL,
	"action" text NOT NULL,
	"subject" text NOT NULL,
	"reason" text NOT NULL,
	"detail" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "rollcall"."breaker" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "rollcall"."breaker_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"source_id" integer NOT NULL,
	"kind" text NOT NULL,
	"tripped_at" timestamp with time zone NOT NULL,
	"run_id" bigint,
	"report_id" bigint,
	"evidence" jsonb NOT NULL,
	"closed_at" timestamp with time zone,
	"closed_by" text,
	"released" boolean DEFAULT false NOT NULL,
	"reason" text,
	CONSTRAINT "breaker_kind" CHECK ("rollcall"."breaker"."kind" in ('source', 'conclusion', 'baseline'))
);
--> statement-breakpoint
CREATE TABLE "rollcall"."breaker_loss" (
	"breaker_id" bigint NOT NULL,
	"external_id" text NOT NULL,
	CONSTRAINT "breaker_loss_pk" PRIMARY KEY("breaker_id","external_id")
);
--> statement-breakpoint
CREATE TABLE "rollcall"."credential" (
	"source_id" integer PRIMARY KEY NOT NULL,
	"ciphertext" "bytea" NOT NULL,
	"nonce" "bytea" NOT NULL,
	"tag" "bytea" NOT NULL,
	"key_id" text NOT NULL,
	"state" text NOT NULL,
	"expires_at" timestamp with time zone,
	"updated_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "rollcall"."drift_report" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "rollcall"."drift_report_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"started_at" timestamp with time zone NOT NULL,
	"finished_at" timestamp with time zone NOT NULL,
	"verdicts" jsonb NOT NULL,
	"withheld" jsonb NOT NULL,
	"opened" integer NOT NULL,
	"reopened" integer NOT NULL,
	"resolved" integer NOT NULL,
	"undecided" integer NOT NULL,
	"open" integer NOT NULL,
	"held" integer NOT NULL,
	"waived" integer NOT NULL,
	"baseline" text[] NOT NULL
);
--> statement-breakpoint
CREATE TABLE "rollcall"."finding" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "rollcall"."finding_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"fingerprint" text NOT NULL,
	"source_id" integer NOT NULL,
	"rule" text NOT NULL,
	"subject" text NOT NULL,
	"severity" text NOT NULL,
	"status" text NOT NULL,
	"account_id" text,
	"account_email" text,
	"account_name" text,
	"identity_source_id" integer,
	"identity_id" text,
	"identity_email" text,
	"summary" text NOT NULL,
	"evidence" jsonb NOT NULL,
	"charge_digest" text NOT NULL,
	"first_detected_at" timestamp with time zone NOT NULL,
	"opened_at" timestamp with time zone NOT NULL,
	"resolved_at" timestamp with time zone,
	"resolution" text,
	"report_id" bigint NOT NULL,
	CONSTRAINT "finding_fingerprint" UNIQUE("fingerprint"),
	CONSTRAINT "finding_status" CHECK ("rollcall"."finding"."status" in ('open', 'held', 'waived', 'resolved')),
	CONSTRAINT "finding_severity" CHECK ("rollcall"."finding"."severity" in ('low', 'medium', 'high', 'critical')),
	CONSTRAINT "finding_resolution" CHECK (("rollcall"."finding"."status" = 'resolved') = ("rollcall"."finding"."resolved_at" is not null))
);
--> statement-breakpoint
CREATE TABLE "rollcall"."finding_event" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "rollcall"."finding_event_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"finding_id" bigint NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"event" text NOT NULL,
	"report_id" bigint,
	"detail" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "rollcall"."rule_state" (
	"source_id" integer NOT NULL,
	"rule" text NOT NULL,
	"baseline_report_id" bigint NOT NULL,
	"last_report_id" bigint NOT NULL,
	CONSTRAINT "rule_state_pk" PRIMARY KEY("source_id","rule")
);
--> statement-breakpoint
CREATE TABLE "rollcall"."waiver" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "rollcall"."waiver_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"fingerprint" text NOT NULL,
	"reason" text NOT NULL,
	"author" text NOT NULL,
	"until" date NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"ended_at" timestamp with time zone,
	"ended_because" text
);
--> statement-breakpoint
CREATE TABLE "rollcall"."account" (
	"source_id" integer NOT NULL,
	"external_id" text NOT NULL,
	"content_hash" "bytea" NOT NULL,
	"version_run" bigint NOT NULL,
	"status" text NOT NULL,
	"kind" text NOT NULL,
	"privileged" boolean NOT NULL,
	"start_date" date,
	"end_date" date,
	"manager_id" text,
	"last_active_at" timestamp with time zone,
	"source_created_at" timestamp with time zone,
	"source_updated_at" timestamp with time zone,
	"first_seen_at" timestamp with time zone NOT NULL,
	"gone_at" timestamp with time zone,
	"left_on" date,
	"left_by" text,
	"disputed" boolean DEFAULT false NOT NULL,
	"recheck_on" date,
	CONSTRAINT "account_pk" PRIMARY KEY("source_id","external_id")
);
--> statement-breakpoint
CREATE TABLE "rollcall"."account_key" (
	"source_id" integer NOT NULL,
	"external_id" text NOT NULL,
	"kind" text NOT NULL,
	"key" text NOT NULL,
	CONSTRAINT "account_key_pk" PRIMARY KEY("source_id","external_id","kind","key"),
	CONSTRAINT "account_key_kind" CHECK ("rollcall"."account_key"."kind" in ('email', 'alias', 'employee_id'))
);
--> statement-breakpoint
CREATE TABLE "rollcall"."account_version" (
	"source_id" integer NOT NULL,
	"external_id" text NOT NULL,
	"from_run" bigint NOT NULL,
	"to_run" bigint,
	"valid_from" timestamp with time zone NOT NULL,
	"valid_to" timestamp with time zone,
	"email" text,
	"aliases" text[] NOT NULL,
	"employee_id" text,
	"given_name" text,
	"family_name" text,
	"display_name" text,
	"status" text NOT NULL,
	"kind" text NOT NULL,
	"role" text,
	"privileged" boolean NOT NULL,
	"title" text,
	"department" text,
	"manager_id" text,
	"start_date" date,
	"end_date" date,
	"flags" text[] NOT NULL,
	"content_hash" "bytea" NOT NULL,
	CONSTRAINT "account_version_pk" PRIMARY KEY("source_id","external_id","from_run")
);
--> statement-breakpoint
CREATE TABLE "rollcall"."link" (
	"source_id" integer NOT NULL,
	"external_id" text NOT NULL,
	"identity_source_id" integer NOT NULL,
	"identity_external_id" text NOT NULL,
	"rule" text NOT NULL,
	"evidence" jsonb NOT NULL,
	"author" text,
	"reason" text,
	"created_at" timestamp with time zone NOT NULL,
	CONSTRAINT "link_pk" PRIMARY KEY("source_id","external_id","identity_source_id","identity_external_id"),
	CONSTRAINT "link_rule" CHECK ("rollcall"."link"."rule" in ('pinned', 'denied', 'employee_id', 'email', 'alias', 'relinked'))
);
--> statement-breakpoint
CREATE TABLE "rollcall"."setting" (
	"id" integer PRIMARY KEY DEFAULT 1 NOT NULL,
	"timezone" text DEFAULT 'UTC' NOT NULL,
	"leaver_sla_hours" integer DEFAULT 24 NOT NULL,
	"rule_set_digest" text,
	CONSTRAINT "setting_one_row" CHECK ("rollcall"."setting"."id" = 1)
);
--> statement-breakpoint
CREATE TABLE "rollcall"."source" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "rollcall"."source_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"name" text NOT NULL,
	"type" text NOT NULL,
	"authoritative" boolean NOT NULL,
	"audited" boolean NOT NULL,
	"rank" integer NOT NULL,
	"correlate_employee_id" boolean DEFAULT false NOT NULL,
	"key_digest" text NOT NULL,
	"max_age_ms" bigint,
	"watermark" text,
	"not_before" timestamp with time zone,
	"epoch" bigint DEFAULT 0 NOT NULL,
	"claimed_by" text,
	"claim_expires_at" timestamp with time zone,
	"retired_at" timestamp with time zone,
	"created_at" timestamp with time zone NOT NULL,
	CONSTRAINT "source_name" UNIQUE("name")
);
--> statement-breakpoint
CREATE TABLE "rollcall"."stage" (
	"source_id" integer NOT NULL,
	"epoch" bigint NOT NULL,
	"batch" integer NOT NULL,
	"external_id" text NOT NULL,
	"content_hash" "bytea" NOT NULL,
	"difference" text NOT NULL,
	"last_active_at" timestamp with time zone,
	"source_created_at" timestamp with time zone,
	"source_updated_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "rollcall"."stage_row" (
	"source_id" integer NOT NULL,
	"epoch" bigint NOT NULL,
	"batch" integer NOT NULL,
	"external_id" text NOT NULL,
	"content_hash" "bytea" NOT NULL,
	"email" text,
	"aliases" text[] NOT NULL,
	"employee_id" text,
	"given_name" text,
	"family_name" text,
	"display_name" text,
	"status" text NOT NULL,
	"kind" text NOT NULL,
	"role" text,
	"privileged" boolean NOT NULL,
	"title" text,
	"department" text,
	"manager_id" text,
	"start_date" date,
	"end_date" date,
	"flags" text[] NOT NULL,
	"last_active_at" timestamp with time zone,
	"source_created_at" timestamp with time zone,
	"source_updated_at" timestamp with time zone,
	"key_kinds" text[] NOT NULL,
	"keys" text[] NOT NULL
);
--> statement-breakpoint
CREATE TABLE "rollcall"."sync_run" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "rollcall"."sync_run_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"source_id" integer NOT NULL,
	"mode" text NOT NULL,
	"endpoint" text NOT NULL,
	"parameters" jsonb NOT NULL,
	"pages" integer NOT NULL,
	"requests" integer NOT NULL,
	"rows_seen" integer NOT NULL,
	"rows_without_id" integer NOT NULL,
	"distinct_ids" integer NOT NULL,
	"declared_total" integer,
	"present_usable" integer NOT NULL,
	"verdict" text NOT NULL,
	"code" text,
	"reason" text,
	"warnings" text[] NOT NULL,
	"started_at" timestamp with time zone NOT NULL,
	"finished_at" timestamp with time zone NOT NULL,
	"as_of" timestamp with time zone NOT NULL,
	"rows_changed" integer NOT NULL,
	"rows_gone" integer NOT NULL,
	"listing_digest" text NOT NULL,
	"digest" text NOT NULL,
	"previous_digest" text
);
--> statement-breakpoint
ALTER TABLE "rollcall"."breaker" ADD CONSTRAINT "breaker_source_id_source_id_fk" FOREIGN KEY ("source_id") REFERENCES "rollcall"."source"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rollcall"."breaker_loss" ADD CONSTRAINT "breaker_loss_breaker_id_breaker_id_fk" FOREIGN KEY ("breaker_id") REFERENCES "rollcall"."breaker"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rollcall"."credential" ADD CONSTRAINT "credential_source_id_source_id_fk" FOREIGN KEY ("source_id") REFERENCES "rollcall"."source"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rollcall"."finding" ADD CONSTRAINT "finding_source_id_source_id_fk" FOREIGN KEY ("source_id") REFERENCES "rollcall"."source"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rollcall"."finding_event" ADD CONSTRAINT "finding_event_finding_id_finding_id_fk" FOREIGN KEY ("finding_id") REFERENCES "rollcall"."finding"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rollcall"."rule_state" ADD CONSTRAINT "rule_state_source_id_source_id_fk" FOREIGN KEY ("source_id") REFERENCES "rollcall"."source"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rollcall"."account" ADD CONSTRAINT "account_source_id_source_id_fk" FOREIGN KEY ("source_id") REFERENCES "rollcall"."source"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rollcall"."sync_run" ADD CONSTRAINT "sync_run_source_id_source_id_fk" FOREIGN KEY ("source_id") REFERENCES "rollcall"."source"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "breaker_one_open" ON "rollcall"."breaker" USING btree ("source_id","kind") WHERE "rollcall"."breaker"."closed_at" is null;--> statement-breakpoint
CREATE INDEX "finding_live" ON "rollcall"."finding" USING btree ("source_id","rule","subject") WHERE "rollcall"."finding"."status" <> 'resolved';--> statement-breakpoint
CREATE INDEX "finding_by_subject" ON "rollcall"."finding" USING btree ("source_id","subject");--> statement-breakpoint
CREATE INDEX "finding_by_report" ON "rollcall"."finding" USING btree ("report_id");--> statement-breakpoint
CREATE INDEX "finding_event_by_finding" ON "rollcall"."finding_event" USING btree ("finding_id","id");--> statement-breakpoint
CREATE UNIQUE INDEX "waiver_one_live" ON "rollcall"."waiver" USING btree ("fingerprint") WHERE "rollcall"."waiver"."ended_at" is null;--> statement-breakpoint
CREATE INDEX "account_key_by_key" ON "rollcall"."account_key" USING btree ("key","kind","source_id","external_id");--> statement-breakpoint
CREATE INDEX "account_version_closed" ON "rollcall"."account_version" USING btree ("source_id","valid_to");--> statement-breakpoint
CREATE UNIQUE INDEX "link_one_an_account" ON "rollcall"."link" USING btree ("source_id","external_id") WHERE "rollcall"."link"."rule" <> 'denied';--> statement-breakpoint
CREATE INDEX "link_by_identity" ON "rollcall"."link" USING btree ("identity_source_id","identity_external_id");--> statement-breakpoint
CREATE INDEX "stage_by_intake" ON "rollcall"."stage" USING btree ("source_id","epoch");--> statement-breakpoint
CREATE INDEX "stage_row_by_intake" ON "rollcall"."stage_row" USING btree ("source_id","epoch");--> statement-breakpoint
CREATE INDEX "sync_run_by_source" ON "rollcall"."sync_run" USING btree ("source_id","id" DESC NULLS LAST);