-- The tables of AWX 24.6.1 that hold its configuration: names and columns are facts about that release.
CREATE TABLE django_content_type (id serial PRIMARY KEY, app_label text, model text);
CREATE TABLE auth_user (id serial PRIMARY KEY, password text, last_login timestamptz, is_superuser boolean DEFAULT false, username text, first_name text DEFAULT '',
    last_name text DEFAULT '', email text DEFAULT '', is_staff boolean DEFAULT false, is_active boolean DEFAULT true, date_joined timestamptz DEFAULT now());
CREATE TABLE main_profile (id serial PRIMARY KEY, created timestamptz DEFAULT now(), modified timestamptz DEFAULT now(), ldap_dn text DEFAULT '', user_id int);
CREATE TABLE sso_userenterpriseauth (id serial PRIMARY KEY, provider text, user_id int);
CREATE TABLE social_auth_usersocialauth (id serial PRIMARY KEY, provider text, uid text, extra_data text, user_id int);
CREATE TABLE main_organization (id serial PRIMARY KEY, created timestamptz DEFAULT now(), modified timestamptz DEFAULT now(), description text DEFAULT '', name text,
    created_by_id int, modified_by_id int, admin_role_id int, auditor_role_id int, member_role_id int, read_role_id int, custom_virtualenv text, max_hosts int DEFAULT 0,
    default_environment_id int);
CREATE TABLE main_team (id serial PRIMARY KEY, created timestamptz DEFAULT now(), modified timestamptz DEFAULT now(), description text DEFAULT '', name text, created_by_id int,
    modified_by_id int, organization_id int, admin_role_id int, member_role_id int, read_role_id int);
CREATE TABLE main_label (id serial PRIMARY KEY, created timestamptz DEFAULT now(), modified timestamptz DEFAULT now(), description text DEFAULT '', name text, created_by_id int,
    modified_by_id int, organization_id int);
CREATE TABLE main_credentialtype (id serial PRIMARY KEY, created timestamptz DEFAULT now(), modified timestamptz DEFAULT now(), description text DEFAULT '', name text, kind text,
    managed boolean DEFAULT false, inputs jsonb DEFAULT '{}', injectors jsonb DEFAULT '{}', created_by_id int, modified_by_id int, namespace text);
CREATE TABLE main_credential (id serial PRIMARY KEY, created timestamptz DEFAULT now(), modified timestamptz DEFAULT now(), description text DEFAULT '', name text, inputs jsonb
    DEFAULT '{}', created_by_id int, credential_type_id int, modified_by_id int, organization_id int, admin_role_id int, use_role_id int, read_role_id int, managed boolean DEFAULT false);
CREATE TABLE main_credentialinputsource (id serial PRIMARY KEY, created timestamptz DEFAULT now(), modified timestamptz DEFAULT now(), description text DEFAULT '',
    input_field_name text, metadata jsonb DEFAULT '{}', created_by_id int, modified_by_id int, source_credential_id int, target_credential_id int);
CREATE TABLE main_executionenvironment (id serial PRIMARY KEY, created timestamptz DEFAULT now(), modified timestamptz DEFAULT now(), description text DEFAULT '', image text,
    managed boolean DEFAULT false, created_by_id int, credential_id int, modified_by_id int, organization_id int, name text, pull text DEFAULT '');
CREATE TABLE main_instancegroup (id serial PRIMARY KEY, name text, created timestamptz DEFAULT now(), modified timestamptz DEFAULT now(), policy_instance_list jsonb DEFAULT '[]',
    policy_instance_minimum int DEFAULT 0, policy_instance_percentage int DEFAULT 0, credential_id int, pod_spec_override text DEFAULT '', is_container_group boolean DEFAULT false,
    max_concurrent_jobs int DEFAULT 0, max_forks int DEFAULT 0, admin_role_id int, use_role_id int, read_role_id int);
CREATE TABLE main_instance (id serial PRIMARY KEY, hostname text);
CREATE TABLE main_notificationtemplate (id serial PRIMARY KEY, created timestamptz DEFAULT now(), modified timestamptz DEFAULT now(), description text DEFAULT '', name text,
    notification_type text, notification_configuration jsonb DEFAULT '{}', created_by_id int, modified_by_id int, organization_id int, messages jsonb);
CREATE TABLE main_unifiedjobtemplate (id serial PRIMARY KEY, created timestamptz DEFAULT now(), modified timestamptz DEFAULT now(), description text DEFAULT '', name text, old_pk int,
    last_job_failed boolean DEFAULT false, last_job_run timestamptz, next_job_run timestamptz, status text DEFAULT 'successful', created_by_id int, current_job_id int,
    last_job_id int, modified_by_id int, next_schedule_id int, polymorphic_ctype_id int, organization_id int, execution_environment_id int);
CREATE TABLE main_project (unifiedjobtemplate_ptr_id int PRIMARY KEY, local_path text DEFAULT '', scm_type text DEFAULT '', scm_url text DEFAULT '', scm_branch text DEFAULT '',
    scm_refspec text DEFAULT '', scm_clean boolean DEFAULT false, scm_delete_on_update boolean DEFAULT false, scm_track_submodules boolean DEFAULT false,
    scm_update_on_launch boolean DEFAULT false, scm_update_cache_timeout int DEFAULT 0, credential_id int, timeout int DEFAULT 0, scm_revision text DEFAULT '',
    playbook_files jsonb DEFAULT '[]', inventory_files jsonb DEFAULT '[]', custom_virtualenv text, allow_override boolean DEFAULT false, default_environment_id int,
    signature_validation_credential_id int, admin_role_id int, use_role_id int, update_role_id int, read_role_id int);
CREATE TABLE main_inventory (id serial PRIMARY KEY, created timestamptz DEFAULT now(), modified timestamptz DEFAULT now(), description text DEFAULT '', name text, variables text
    DEFAULT '', has_active_failures boolean DEFAULT false, total_hosts int DEFAULT 0, hosts_with_active_failures int DEFAULT 0, total_groups int DEFAULT 0,
    has_inventory_sources boolean DEFAULT false, total_inventory_sources int DEFAULT 0, inventory_sources_with_failures int DEFAULT 0, created_by_id int, modified_by_id int,
    organization_id int, kind text DEFAULT '', host_filter text, pending_deletion boolean DEFAULT false, prevent_instance_group_fallback boolean DEFAULT false,
    admin_role_id int, use_role_id int, update_role_id int, adhoc_role_id int, read_role_id int);
CREATE TABLE main_host (id serial PRIMARY KEY, created timestamptz DEFAULT now(), modified timestamptz DEFAULT now(), description text DEFAULT '', name text, enabled boolean DEFAULT
    true, instance_id text DEFAULT '', variables text DEFAULT '', created_by_id int, inventory_id int, last_job_id int, last_job_host_summary_id int, modified_by_id int,
    ansible_facts jsonb DEFAULT '{}', ansible_facts_modified timestamptz);
CREATE TABLE main_group (id serial PRIMARY KEY, created timestamptz DEFAULT now(), modified timestamptz DEFAULT now(), description text DEFAULT '', name text, variables text DEFAULT '',
    created_by_id int, inventory_id int, modified_by_id int);
CREATE TABLE main_group_hosts (id serial PRIMARY KEY, group_id int, host_id int);
CREATE TABLE main_group_parents (id serial PRIMARY KEY, from_group_id int, to_group_id int);
CREATE TABLE main_inventoryconstructedinventorymembership (id serial PRIMARY KEY, position int, constructed_inventory_id int, input_inventory_id int);
CREATE TABLE main_inventorysource (unifiedjobtemplate_ptr_id int PRIMARY KEY, source text, source_path text DEFAULT '', source_vars text DEFAULT '', overwrite boolean DEFAULT false,
    overwrite_vars boolean DEFAULT false, update_on_launch boolean DEFAULT false, update_cache_timeout int DEFAULT 0, inventory_id int, timeout int DEFAULT 0, source_project_id int,
    verbosity int DEFAULT 1, custom_virtualenv text, enabled_value text DEFAULT '', enabled_var text DEFAULT '', host_filter text DEFAULT '', scm_branch text DEFAULT '',
    "limit" text DEFAULT '');
CREATE TABLE main_jobtemplate (unifiedjobtemplate_ptr_id int PRIMARY KEY, job_type text DEFAULT 'run', playbook text DEFAULT '', forks int DEFAULT 0, "limit" text DEFAULT '', verbosity
    int DEFAULT 0, extra_vars text DEFAULT '', job_tags text DEFAULT '', force_handlers boolean DEFAULT false, skip_tags text DEFAULT '', start_at_task text DEFAULT '', timeout int
    DEFAULT 0, use_fact_cache boolean DEFAULT false, become_enabled boolean DEFAULT false, diff_mode boolean DEFAULT false, allow_simultaneous boolean DEFAULT false, host_config_key
    text DEFAULT '', ask_variables_on_launch boolean DEFAULT false, ask_limit_on_launch boolean DEFAULT false, survey_enabled boolean DEFAULT false, survey_spec jsonb DEFAULT '{}',
    inventory_id int, project_id int, job_slice_count int DEFAULT 1, scm_branch text DEFAULT '', webhook_service text DEFAULT '', webhook_key text DEFAULT '', webhook_credential_id int,
    custom_virtualenv text, prevent_instance_group_fallback boolean DEFAULT false, admin_role_id int, execute_role_id int, read_role_id int);
CREATE TABLE main_workflowjobtemplate (unifiedjobtemplate_ptr_id int PRIMARY KEY, extra_vars text DEFAULT '', survey_enabled boolean DEFAULT false, survey_spec jsonb DEFAULT '{}',
    allow_simultaneous boolean DEFAULT false, ask_variables_on_launch boolean DEFAULT false, ask_limit_on_launch boolean DEFAULT false, inventory_id int, char_prompts jsonb DEFAULT '{}',
    webhook_service text DEFAULT '', webhook_key text DEFAULT '', webhook_credential_id int, admin_role_id int, execute_role_id int, read_role_id int, approval_role_id int);
CREATE TABLE main_workflowapprovaltemplate (unifiedjobtemplate_ptr_id int PRIMARY KEY, timeout int DEFAULT 0);
CREATE TABLE main_systemjobtemplate (unifiedjobtemplate_ptr_id int PRIMARY KEY, job_type text);
CREATE TABLE main_workflowjobtemplatenode (id serial PRIMARY KEY, created timestamptz DEFAULT now(), modified timestamptz DEFAULT now(), extra_data jsonb DEFAULT '{}', survey_passwords
    jsonb DEFAULT '{}', char_prompts jsonb DEFAULT '{}', inventory_id int, unified_job_template_id int, workflow_job_template_id int, all_parents_must_converge boolean DEFAULT false,
    identifier text, execution_environment_id int);
CREATE TABLE main_workflowjobtemplatenode_success_nodes (id serial PRIMARY KEY, from_workflowjobtemplatenode_id int, to_workflowjobtemplatenode_id int);
CREATE TABLE main_workflowjobtemplatenode_failure_nodes (id serial PRIMARY KEY, from_workflowjobtemplatenode_id int, to_workflowjobtemplatenode_id int);
CREATE TABLE main_workflowjobtemplatenode_always_nodes (id serial PRIMARY KEY, from_workflowjobtemplatenode_id int, to_workflowjobtemplatenode_id int);
CREATE TABLE main_schedule (id serial PRIMARY KEY, created timestamptz DEFAULT now(), modified timestamptz DEFAULT now(), description text DEFAULT '', name text, extra_data jsonb DEFAULT
    '{}', survey_passwords jsonb DEFAULT '{}', char_prompts jsonb DEFAULT '{}', inventory_id int, created_by_id int, modified_by_id int, unified_job_template_id int, rrule text, enabled
    boolean DEFAULT true, dtstart timestamptz, dtend timestamptz, next_run timestamptz, execution_environment_id int);
CREATE TABLE main_unifiedjobtemplate_credentials (id serial PRIMARY KEY, unifiedjobtemplate_id int, credential_id int);
CREATE TABLE main_unifiedjobtemplate_labels (id serial PRIMARY KEY, unifiedjobtemplate_id int, label_id int);
CREATE TABLE main_unifiedjobtemplateinstancegroupmembership (id serial PRIMARY KEY, position int, unifiedjobtemplate_id int, instancegroup_id int);
CREATE TABLE main_unifiedjobtemplate_notification_templates_error (id serial PRIMARY KEY, unifiedjobtemplate_id int, notificationtemplate_id int);
CREATE TABLE main_organizationgalaxycredentialmembership (id serial PRIMARY KEY, position int, organization_id int, credential_id int);
CREATE TABLE main_rbac_roles (id serial PRIMARY KEY, role_field text, singleton_name text, implicit_parents text DEFAULT '[]', content_type_id int, object_id int);
CREATE TABLE main_rbac_roles_members (id serial PRIMARY KEY, role_id int, user_id int);
CREATE TABLE main_rbac_roles_parents (id serial PRIMARY KEY, from_role_id int, to_role_id int);
CREATE TABLE dab_rbac_dabpermission (id serial PRIMARY KEY, name text, codename text, content_type_id int);
CREATE TABLE dab_rbac_roledefinition (id serial PRIMARY KEY, created timestamptz DEFAULT now(), modified timestamptz DEFAULT now(), name text, description text DEFAULT '', managed boolean
    DEFAULT false, content_type_id int, created_by_id int, modified_by_id int);
CREATE TABLE dab_rbac_roledefinition_permissions (id serial PRIMARY KEY, roledefinition_id int, dabpermission_id int);
CREATE TABLE dab_rbac_objectrole (id serial PRIMARY KEY, object_id text, content_type_id int, role_definition_id int);
CREATE TABLE dab_rbac_roleuserassignment (id serial PRIMARY KEY, created timestamptz DEFAULT now(), object_id text, content_type_id int, created_by_id int, object_role_id int,
    role_definition_id int, user_id int);
CREATE TABLE dab_rbac_roleteamassignment (id serial PRIMARY KEY, created timestamptz DEFAULT now(), object_id text, content_type_id int, created_by_id int, object_role_id int,
    role_definition_id int, team_id int);
CREATE TABLE main_oauth2application (id serial PRIMARY KEY, client_id text, redirect_uris text DEFAULT '', client_type text, authorization_grant_type text, client_secret text, name text,
    skip_authorization boolean DEFAULT false, created timestamptz DEFAULT now(), updated timestamptz DEFAULT now(), description text DEFAULT '', logo_data text DEFAULT '', user_id int,
    organization_id int, algorithm text DEFAULT '', post_logout_redirect_uris text DEFAULT '');
CREATE TABLE main_oauth2accesstoken (id serial PRIMARY KEY, token text, expires timestamptz, scope text, created timestamptz DEFAULT now(), updated timestamptz DEFAULT now(), description
    text DEFAULT '', last_used timestamptz, modified timestamptz DEFAULT now(), application_id int, user_id int, source_refresh_token_id int, id_token_id int);
CREATE TABLE main_oauth2refreshtoken (id serial PRIMARY KEY, token text, created timestamptz DEFAULT now(), updated timestamptz DEFAULT now(), revoked timestamptz, access_token_id int,
    application_id int, user_id int);
CREATE TABLE conf_setting (id serial PRIMARY KEY, created timestamptz DEFAULT now(), modified timestamptz DEFAULT now(), key text, value jsonb, user_id int);
CREATE TABLE main_unifiedjob (id serial PRIMARY KEY, name text);
CREATE TABLE main_activitystream (id serial PRIMARY KEY);
