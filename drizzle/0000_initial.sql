CREATE TABLE `assertions` (
	`holds` integer NOT NULL,
	CONSTRAINT "assertion_holds" CHECK("assertions"."holds" = 1)
);
--> statement-breakpoint
CREATE TABLE `expiring` (
	`kind` text NOT NULL,
	`id` text NOT NULL,
	`body` text NOT NULL,
	`expires_at` integer NOT NULL,
	PRIMARY KEY(`kind`, `id`)
);
--> statement-breakpoint
CREATE INDEX `expiring_by_expiry` ON `expiring` (`expires_at`);--> statement-breakpoint
CREATE TABLE `fence` (
	`id` integer PRIMARY KEY NOT NULL,
	`epoch` integer NOT NULL,
	`active_set` text NOT NULL,
	CONSTRAINT "fence_is_one_row" CHECK("fence"."id" = 1)
);
--> statement-breakpoint
CREATE TABLE `keyring_checks` (
	`version` integer PRIMARY KEY NOT NULL,
	`check_value` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `log_head` (
	`id` integer PRIMARY KEY NOT NULL,
	`archived_through` integer NOT NULL,
	CONSTRAINT "log_head_is_one_row" CHECK("log_head"."id" = 1)
);
--> statement-breakpoint
CREATE TABLE `observed_counters` (
	`hour` integer NOT NULL,
	`kind` text NOT NULL,
	`count` integer NOT NULL,
	PRIMARY KEY(`hour`, `kind`)
);
--> statement-breakpoint
CREATE TABLE `secrets` (
	`id` text PRIMARY KEY NOT NULL,
	`wrapped` blob NOT NULL,
	`kek_version` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `streams` (
	`stream_id` text PRIMARY KEY NOT NULL,
	`version` integer NOT NULL,
	`state` text NOT NULL,
	`state_schema` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `agents_v1` (
	`agent_id` text PRIMARY KEY NOT NULL,
	`handle` text NOT NULL,
	`handle_key` text NOT NULL,
	`model_name` text NOT NULL,
	`owner_name` text,
	`owner_email` text,
	`owner_email_key` text NOT NULL,
	`owner_id` text,
	`secret_id` text NOT NULL,
	`status` text NOT NULL,
	`consents` text NOT NULL,
	`permissions` text NOT NULL,
	`registered_at` integer NOT NULL,
	`confirmed_at` integer,
	`revoked_at` integer,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `agents_v1_handle_key_unique` ON `agents_v1` (`handle_key`);--> statement-breakpoint
CREATE INDEX `agents_v1_owner` ON `agents_v1` (`owner_id`);--> statement-breakpoint
CREATE INDEX `agents_v1_owner_email` ON `agents_v1` (`owner_email_key`);--> statement-breakpoint
CREATE TABLE `api_tokens_v1` (
	`api_token_id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`place_key` text,
	`place` integer NOT NULL,
	`name` text,
	`description` text,
	`resource` text NOT NULL,
	`scopes` text NOT NULL,
	`generation` integer NOT NULL,
	`token_hash` text,
	`prefix` text NOT NULL,
	`last_four` text NOT NULL,
	`key_version` integer NOT NULL,
	`nonce` text,
	`previous_hash` text,
	`previous_ends_at` integer,
	`created_at` integer NOT NULL,
	`regenerated_at` integer,
	`expires_at` integer,
	`leaked_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `api_tokens_v1_place_key_unique` ON `api_tokens_v1` (`place_key`);--> statement-breakpoint
CREATE UNIQUE INDEX `api_tokens_v1_token_hash_unique` ON `api_tokens_v1` (`token_hash`);--> statement-breakpoint
CREATE INDEX `api_tokens_v1_user` ON `api_tokens_v1` (`user_id`,`api_token_id`);--> statement-breakpoint
CREATE INDEX `api_tokens_v1_previous` ON `api_tokens_v1` (`previous_hash`);--> statement-breakpoint
CREATE INDEX `api_tokens_v1_expires` ON `api_tokens_v1` (`expires_at`);--> statement-breakpoint
CREATE TABLE `approvals_v1` (
	`approval_id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`client_id` text NOT NULL,
	`agent_id` text,
	`grant_id` text,
	`resource` text NOT NULL,
	`kind` text NOT NULL,
	`tool` text NOT NULL,
	`job_id` text,
	`call_key` text,
	`status` text NOT NULL,
	`channel` text,
	`asked_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`decided_at` integer,
	`ended_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `approvals_v1_call_key_unique` ON `approvals_v1` (`call_key`);--> statement-breakpoint
CREATE INDEX `approvals_v1_user` ON `approvals_v1` (`user_id`,`asked_at`,`approval_id`);--> statement-breakpoint
CREATE INDEX `approvals_v1_unended` ON `approvals_v1` (`user_id`,`status`) WHERE "ended_at" IS NULL;--> statement-breakpoint
CREATE INDEX `approvals_v1_waiting` ON `approvals_v1` (`expires_at`) WHERE "ended_at" IS NULL;--> statement-breakpoint
CREATE INDEX `approvals_v1_job` ON `approvals_v1` (`job_id`);--> statement-breakpoint
CREATE TABLE `standing_approvals_v1` (
	`standing_id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`client_id` text NOT NULL,
	`grant_id` text NOT NULL,
	`tool` text NOT NULL,
	`currency` text NOT NULL,
	`limit` text NOT NULL,
	`spent` text NOT NULL,
	`given_at` integer NOT NULL,
	`ends_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `standing_approvals_v1_user` ON `standing_approvals_v1` (`user_id`,`ends_at`);--> statement-breakpoint
CREATE TABLE `passkeys_v1` (
	`credential_id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`public_key_cose` text NOT NULL,
	`transports` text NOT NULL,
	`synced` integer NOT NULL,
	`name` text,
	`added_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `passkeys_v1_user` ON `passkeys_v1` (`user_id`);--> statement-breakpoint
CREATE TABLE `recovery_codes_v1` (
	`code_key` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `recovery_codes_v1_user` ON `recovery_codes_v1` (`user_id`);--> statement-breakpoint
CREATE TABLE `totps_v1` (
	`user_id` text PRIMARY KEY NOT NULL,
	`totp_secret_id` text NOT NULL,
	`enabled_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `clients_v1` (
	`client_id` text PRIMARY KEY NOT NULL,
	`status` text NOT NULL,
	`registered_via` text NOT NULL,
	`metadata` text NOT NULL,
	`contacts` text,
	`secret_hash` text,
	`previous_secret_hash` text,
	`previous_secret_ends_at` integer,
	`management_hash` text,
	`shared` integer NOT NULL,
	`registered_at` integer NOT NULL,
	`approved_at` integer NOT NULL,
	`consent_voided_at` integer
);
--> statement-breakpoint
CREATE INDEX `clients_v1_registered` ON `clients_v1` (`registered_at`);--> statement-breakpoint
CREATE INDEX `clients_v1_approved` ON `clients_v1` (`approved_at`);--> statement-breakpoint
CREATE INDEX `clients_v1_disabled` ON `clients_v1` (`client_id`) WHERE "status" = 'disabled';--> statement-breakpoint
CREATE TABLE `gateway_tools_v1` (
	`tool_id` text PRIMARY KEY NOT NULL,
	`resource` text NOT NULL,
	`tool` text NOT NULL,
	`seen_hash` text NOT NULL,
	`seen_definition` text NOT NULL,
	`seen_at` integer NOT NULL,
	`approved_hash` text,
	`approved_definition` text,
	`approved_at` integer
);
--> statement-breakpoint
CREATE INDEX `gateway_tools_v1_resource` ON `gateway_tools_v1` (`resource`,`tool`);--> statement-breakpoint
CREATE TABLE `grant_tokens_v1` (
	`grant_id` text NOT NULL,
	`generation` integer NOT NULL,
	`access_token_hash` text,
	`refresh_token_hash` text,
	`resource` text NOT NULL,
	`scopes` text NOT NULL,
	`details` text,
	`confirmation` text,
	`issued_at` integer NOT NULL,
	`access_expires_at` integer NOT NULL,
	`refresh_expires_at` integer NOT NULL,
	PRIMARY KEY(`grant_id`, `generation`)
);
--> statement-breakpoint
CREATE TABLE `grants_v1` (
	`grant_id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`client_id` text NOT NULL,
	`access` text NOT NULL,
	`authorization_details` text,
	`claims` text,
	`code_hash` text NOT NULL,
	`code_expires_at` integer NOT NULL,
	`auth_time` integer,
	`amr` text NOT NULL,
	`acr` text,
	`approved_at` integer NOT NULL,
	`consented_at` integer NOT NULL,
	`narrowed_at` integer
);
--> statement-breakpoint
CREATE INDEX `grants_v1_user` ON `grants_v1` (`user_id`,`client_id`,`approved_at`,`grant_id`);--> statement-breakpoint
CREATE INDEX `grants_v1_client` ON `grants_v1` (`client_id`);--> statement-breakpoint
CREATE INDEX `grants_v1_narrowed` ON `grants_v1` (`user_id`,`client_id`) WHERE "grants_v1"."narrowed_at" is not null;--> statement-breakpoint
CREATE TABLE `identities_v1` (
	`identity_key` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`upstream` text NOT NULL,
	`upstream_subject` text,
	`label` text,
	`linked_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `identities_v1_user` ON `identities_v1` (`user_id`);--> statement-breakpoint
CREATE TABLE `issued_tokens_v1` (
	`issuance_id` text PRIMARY KEY NOT NULL,
	`token_hash` text NOT NULL,
	`client_id` text NOT NULL,
	`sub` text NOT NULL,
	`user_id` text,
	`resource` text NOT NULL,
	`scopes` text NOT NULL,
	`confirmation` text,
	`authorization_details` text,
	`actors` text NOT NULL,
	`client_ids` text NOT NULL,
	`parent_hash` text,
	`grant_id` text,
	`issued_at` integer NOT NULL,
	`expires_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `issued_tokens_v1_parent` ON `issued_tokens_v1` (`parent_hash`) WHERE "issued_tokens_v1"."parent_hash" is not null;--> statement-breakpoint
CREATE INDEX `issued_tokens_v1_grant` ON `issued_tokens_v1` (`grant_id`) WHERE "issued_tokens_v1"."grant_id" is not null;--> statement-breakpoint
CREATE INDEX `issued_tokens_v1_user` ON `issued_tokens_v1` (`user_id`) WHERE "issued_tokens_v1"."user_id" is not null;--> statement-breakpoint
CREATE INDEX `issued_tokens_v1_expires` ON `issued_tokens_v1` (`expires_at`,`issuance_id`);--> statement-breakpoint
CREATE TABLE `jobs_v1` (
	`job_id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`client_id` text NOT NULL,
	`agent_id` text,
	`grant_id` text,
	`resource` text NOT NULL,
	`tool` text NOT NULL,
	`status` text NOT NULL,
	`approval_id` text,
	`lease_hash` text,
	`queued_at` integer NOT NULL,
	`changed_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`ended_at` integer
);
--> statement-breakpoint
CREATE INDEX `jobs_v1_user` ON `jobs_v1` (`user_id`,`queued_at`,`job_id`);--> statement-breakpoint
CREATE INDEX `jobs_v1_agent` ON `jobs_v1` (`user_id`,`agent_id`,`queued_at`,`job_id`) WHERE "agent_id" IS NOT NULL;--> statement-breakpoint
CREATE INDEX `jobs_v1_open` ON `jobs_v1` (`user_id`) WHERE "ended_at" IS NULL;--> statement-breakpoint
CREATE INDEX `jobs_v1_open_of_client` ON `jobs_v1` (`client_id`) WHERE "ended_at" IS NULL;--> statement-breakpoint
CREATE INDEX `jobs_v1_waiting` ON `jobs_v1` (`status`,`queued_at`,`job_id`) WHERE "ended_at" IS NULL;--> statement-breakpoint
CREATE INDEX `jobs_v1_expiry` ON `jobs_v1` (`expires_at`) WHERE "ended_at" IS NULL;--> statement-breakpoint
CREATE TABLE `muted_clients_v1` (
	`channel_id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`client_id` text NOT NULL,
	`muted_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `muted_clients_v1_user` ON `muted_clients_v1` (`user_id`,`muted_at`);--> statement-breakpoint
CREATE TABLE `sessions_v1` (
	`session_id` text PRIMARY KEY NOT NULL,
	`token_hash` text NOT NULL,
	`user_id` text NOT NULL,
	`amr` text NOT NULL,
	`user_agent` text,
	`address` text,
	`started_at` integer NOT NULL,
	`authenticated_at` integer NOT NULL,
	`expires_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `sessions_v1_token_hash_unique` ON `sessions_v1` (`token_hash`);--> statement-breakpoint
CREATE INDEX `sessions_v1_user` ON `sessions_v1` (`user_id`);--> statement-breakpoint
CREATE TABLE `signing_keys_v1` (
	`key_id` text PRIMARY KEY NOT NULL,
	`algorithm` text NOT NULL,
	`status` text NOT NULL,
	`public_jwk` text NOT NULL,
	`secret_id` text NOT NULL,
	`published_at` integer NOT NULL,
	`changed_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `tool_calls_v1` (
	`call_id` text PRIMARY KEY NOT NULL,
	`resource` text NOT NULL,
	`tool` text NOT NULL,
	`user_id` text,
	`client_id` text NOT NULL,
	`grant_id` text NOT NULL,
	`outcome` text NOT NULL,
	`reason` text,
	`made_at` integer NOT NULL,
	`duration_ms` integer
);
--> statement-breakpoint
CREATE INDEX `tool_calls_v1_grant` ON `tool_calls_v1` (`grant_id`,`made_at`,`call_id`);--> statement-breakpoint
CREATE INDEX `tool_calls_v1_made` ON `tool_calls_v1` (`made_at`,`call_id`);--> statement-breakpoint
CREATE TABLE `users_v1` (
	`user_id` text PRIMARY KEY NOT NULL,
	`email_key` text,
	`email` text,
	`email_verified_at` integer,
	`name` text,
	`admin` integer NOT NULL,
	`status` text NOT NULL,
	`password_secret_id` text,
	`groups` text NOT NULL,
	`permissions` text NOT NULL,
	`registered_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `users_v1_email_key_unique` ON `users_v1` (`email_key`);--> statement-breakpoint
CREATE INDEX `users_v1_admins` ON `users_v1` (`user_id`) WHERE "admin" = 1;--> statement-breakpoint
CREATE INDEX `users_v1_disabled` ON `users_v1` (`user_id`) WHERE "status" = 'disabled';