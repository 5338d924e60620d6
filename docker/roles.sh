#!/bin/sh
# Run once by a new PostgreSQL: the role that owns and migrates the tables, and the role that serves.
set -eu
psql --username postgres --set ON_ERROR_STOP=1 --set password="$POSTGRES_PASSWORD" <<'SQL'
CREATE ROLE gam_owner LOGIN PASSWORD :'password';
CREATE ROLE gam_web LOGIN PASSWORD :'password';
CREATE DATABASE gam OWNER gam_owner;
\connect gam
GRANT USAGE ON SCHEMA public TO gam_web;
ALTER DEFAULT PRIVILEGES FOR ROLE gam_owner IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON TABLES TO gam_web;
ALTER DEFAULT PRIVILEGES FOR ROLE gam_owner IN SCHEMA public GRANT USAGE, SELECT, UPDATE ON SEQUENCES TO gam_web;
ALTER DEFAULT PRIVILEGES FOR ROLE gam_owner IN SCHEMA public GRANT EXECUTE ON FUNCTIONS TO gam_web;
SQL
