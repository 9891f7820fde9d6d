-- The database of the first freetemp that stored readings ("Store readings, and show their history", 2026-11-22), made by its
-- own code: migrate, three stations, 223 readings around the hour that came twice in Berlin, keys, an administrator.
BEGIN TRANSACTION;
CREATE TABLE "auth_group" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "name" varchar(150) NOT NULL UNIQUE);
INSERT INTO "auth_group" VALUES(1,'Station keepers');
CREATE TABLE "auth_group_permissions" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "group_id" integer NOT NULL REFERENCES "auth_group" ("id") DEFERRABLE INITIALLY DEFERRED, "permission_id" integer NOT NULL REFERENCES "auth_permission" ("id") DEFERRABLE INITIALLY DEFERRED);
INSERT INTO "auth_group_permissions" VALUES(1,1,1);
INSERT INTO "auth_group_permissions" VALUES(2,1,2);
INSERT INTO "auth_group_permissions" VALUES(3,1,4);
INSERT INTO "auth_group_permissions" VALUES(4,1,5);
INSERT INTO "auth_group_permissions" VALUES(5,1,6);
INSERT INTO "auth_group_permissions" VALUES(6,1,7);
INSERT INTO "auth_group_permissions" VALUES(7,1,8);
INSERT INTO "auth_group_permissions" VALUES(8,1,9);
INSERT INTO "auth_group_permissions" VALUES(9,1,10);
INSERT INTO "auth_group_permissions" VALUES(10,1,12);
CREATE TABLE "auth_permission" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "content_type_id" integer NOT NULL REFERENCES "django_content_type" ("id") DEFERRABLE INITIALLY DEFERRED, "codename" varchar(100) NOT NULL, "name" varchar(255) NOT NULL);
INSERT INTO "auth_permission" VALUES(1,1,'add_station','Can add station');
INSERT INTO "auth_permission" VALUES(2,1,'change_station','Can change station');
INSERT INTO "auth_permission" VALUES(3,1,'delete_station','Can delete station');
INSERT INTO "auth_permission" VALUES(4,1,'view_station','Can view station');
INSERT INTO "auth_permission" VALUES(5,2,'add_field','Can add field');
INSERT INTO "auth_permission" VALUES(6,2,'change_field','Can change field');
INSERT INTO "auth_permission" VALUES(7,2,'delete_field','Can delete field');
INSERT INTO "auth_permission" VALUES(8,2,'view_field','Can view field');
INSERT INTO "auth_permission" VALUES(9,3,'add_key','Can add key');
INSERT INTO "auth_permission" VALUES(10,3,'change_key','Can change key');
INSERT INTO "auth_permission" VALUES(11,3,'delete_key','Can delete key');
INSERT INTO "auth_permission" VALUES(12,3,'view_key','Can view key');
INSERT INTO "auth_permission" VALUES(13,4,'add_reading','Can add reading');
INSERT INTO "auth_permission" VALUES(14,4,'change_reading','Can change reading');
INSERT INTO "auth_permission" VALUES(15,4,'delete_reading','Can delete reading');
INSERT INTO "auth_permission" VALUES(16,4,'view_reading','Can view reading');
INSERT INTO "auth_permission" VALUES(17,5,'add_logentry','Can add log entry');
INSERT INTO "auth_permission" VALUES(18,5,'change_logentry','Can change log entry');
INSERT INTO "auth_permission" VALUES(19,5,'delete_logentry','Can delete log entry');
INSERT INTO "auth_permission" VALUES(20,5,'view_logentry','Can view log entry');
INSERT INTO "auth_permission" VALUES(21,6,'add_permission','Can add permission');
INSERT INTO "auth_permission" VALUES(22,6,'change_permission','Can change permission');
INSERT INTO "auth_permission" VALUES(23,6,'delete_permission','Can delete permission');
INSERT INTO "auth_permission" VALUES(24,6,'view_permission','Can view permission');
INSERT INTO "auth_permission" VALUES(25,7,'add_group','Can add group');
INSERT INTO "auth_permission" VALUES(26,7,'change_group','Can change group');
INSERT INTO "auth_permission" VALUES(27,7,'delete_group','Can delete group');
INSERT INTO "auth_permission" VALUES(28,7,'view_group','Can view group');
INSERT INTO "auth_permission" VALUES(29,8,'add_user','Can add user');
INSERT INTO "auth_permission" VALUES(30,8,'change_user','Can change user');
INSERT INTO "auth_permission" VALUES(31,8,'delete_user','Can delete user');
INSERT INTO "auth_permission" VALUES(32,8,'view_user','Can view user');
INSERT INTO "auth_permission" VALUES(33,9,'add_contenttype','Can add content type');
INSERT INTO "auth_permission" VALUES(34,9,'change_contenttype','Can change content type');
INSERT INTO "auth_permission" VALUES(35,9,'delete_contenttype','Can delete content type');
INSERT INTO "auth_permission" VALUES(36,9,'view_contenttype','Can view content type');
INSERT INTO "auth_permission" VALUES(37,10,'add_session','Can add session');
INSERT INTO "auth_permission" VALUES(38,10,'change_session','Can change session');
INSERT INTO "auth_permission" VALUES(39,10,'delete_session','Can delete session');
INSERT INTO "auth_permission" VALUES(40,10,'view_session','Can view session');
CREATE TABLE "auth_user" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "password" varchar(128) NOT NULL, "last_login" datetime NULL, "is_superuser" bool NOT NULL, "username" varchar(150) NOT NULL UNIQUE, "last_name" varchar(150) NOT NULL, "email" varchar(254) NOT NULL, "is_staff" bool NOT NULL, "is_active" bool NOT NULL, "date_joined" datetime NOT NULL, "first_name" varchar(150) NOT NULL);
INSERT INTO "auth_user" VALUES(1,'pbkdf2_sha256$1000000$DA4AcX6aGc9ReBgWZXPxq4$qP4h91SKaH+4kcowwIiD7k828J3bfTt++cgBnD2vcBg=',NULL,1,'ada','','',1,1,'2026-11-28 04:32:58.854178','');
CREATE TABLE "auth_user_groups" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "user_id" integer NOT NULL REFERENCES "auth_user" ("id") DEFERRABLE INITIALLY DEFERRED, "group_id" integer NOT NULL REFERENCES "auth_group" ("id") DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE "auth_user_user_permissions" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "user_id" integer NOT NULL REFERENCES "auth_user" ("id") DEFERRABLE INITIALLY DEFERRED, "permission_id" integer NOT NULL REFERENCES "auth_permission" ("id") DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE "django_admin_log" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "object_id" text NULL, "object_repr" varchar(200) NOT NULL, "action_flag" smallint unsigned NOT NULL CHECK ("action_flag" >= 0), "change_message" text NOT NULL, "content_type_id" integer NULL REFERENCES "django_content_type" ("id") DEFERRABLE INITIALLY DEFERRED, "user_id" integer NOT NULL REFERENCES "auth_user" ("id") DEFERRABLE INITIALLY DEFERRED, "action_time" datetime NOT NULL);
CREATE TABLE "django_content_type" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "app_label" varchar(100) NOT NULL, "model" varchar(100) NOT NULL);
INSERT INTO "django_content_type" VALUES(1,'stations','station');
INSERT INTO "django_content_type" VALUES(2,'stations','field');
INSERT INTO "django_content_type" VALUES(3,'stations','key');
INSERT INTO "django_content_type" VALUES(4,'readings','reading');
INSERT INTO "django_content_type" VALUES(5,'admin','logentry');
INSERT INTO "django_content_type" VALUES(6,'auth','permission');
INSERT INTO "django_content_type" VALUES(7,'auth','group');
INSERT INTO "django_content_type" VALUES(8,'auth','user');
INSERT INTO "django_content_type" VALUES(9,'contenttypes','contenttype');
INSERT INTO "django_content_type" VALUES(10,'sessions','session');
CREATE TABLE "django_migrations" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "app" varchar(255) NOT NULL, "name" varchar(255) NOT NULL, "applied" datetime NOT NULL);
INSERT INTO "django_migrations" VALUES(1,'contenttypes','0001_initial','2026-11-28 04:32:55.817349');
INSERT INTO "django_migrations" VALUES(2,'auth','0001_initial','2026-11-28 04:32:55.857966');
INSERT INTO "django_migrations" VALUES(3,'admin','0001_initial','2026-11-28 04:32:55.954359');
INSERT INTO "django_migrations" VALUES(4,'admin','0002_logentry_remove_auto_add','2026-11-28 04:32:56.218001');
INSERT INTO "django_migrations" VALUES(5,'admin','0003_logentry_add_action_flag_choices','2026-11-28 04:32:56.359428');
INSERT INTO "django_migrations" VALUES(6,'contenttypes','0002_remove_content_type_name','2026-11-28 04:32:56.653387');
INSERT INTO "django_migrations" VALUES(7,'auth','0002_alter_permission_name_max_length','2026-11-28 04:32:56.886753');
INSERT INTO "django_migrations" VALUES(8,'auth','0003_alter_user_email_max_length','2026-11-28 04:32:57.036785');
INSERT INTO "django_migrations" VALUES(9,'auth','0004_alter_user_username_opts','2026-11-28 04:32:57.057517');
INSERT INTO "django_migrations" VALUES(10,'auth','0005_alter_user_last_login_null','2026-11-28 04:32:57.181210');
INSERT INTO "django_migrations" VALUES(11,'auth','0006_require_contenttypes_0002','2026-11-28 04:32:57.230179');
INSERT INTO "django_migrations" VALUES(12,'auth','0007_alter_validators_add_error_messages','2026-11-28 04:32:57.261158');
INSERT INTO "django_migrations" VALUES(13,'auth','0008_alter_user_username_max_length','2026-11-28 04:32:57.411253');
INSERT INTO "django_migrations" VALUES(14,'auth','0009_alter_user_last_name_max_length','2026-11-28 04:32:57.522512');
INSERT INTO "django_migrations" VALUES(15,'auth','0010_alter_group_name_max_length','2026-11-28 04:32:57.604641');
INSERT INTO "django_migrations" VALUES(16,'auth','0011_update_proxy_permissions','2026-11-28 04:32:57.695011');
INSERT INTO "django_migrations" VALUES(17,'auth','0012_alter_user_first_name_max_length','2026-11-28 04:32:57.765063');
INSERT INTO "django_migrations" VALUES(18,'stations','0001_initial','2026-11-28 04:32:58.044858');
INSERT INTO "django_migrations" VALUES(19,'readings','0001_initial','2026-11-28 04:32:58.120636');
INSERT INTO "django_migrations" VALUES(20,'sessions','0001_initial','2026-11-28 04:32:58.170112');
CREATE TABLE "django_session" ("session_key" varchar(40) NOT NULL PRIMARY KEY, "session_data" text NOT NULL, "expire_date" datetime NOT NULL);
CREATE TABLE "readings_reading" ("station_id" integer NOT NULL REFERENCES "stations_station" ("id") DEFERRABLE INITIALLY DEFERRED, "field" smallint unsigned NOT NULL CHECK ("field" >= 0), "measured_at" bigint NOT NULL, "value" real NOT NULL, PRIMARY KEY ("station_id", "field", "measured_at")) WITHOUT ROWID;
INSERT INTO "readings_reading" VALUES
(1,1,1792843200000,12.0),
(1,1,1792845000000,12.75),
(1,1,1792846800000,13.48),
(1,1,1792848600000,14.2),
(1,1,1792850400000,14.88),
(1,1,1792852200000,15.51),
(1,1,1792854000000,16.09),
(1,1,1792855800000,16.61),
(1,1,1792857600000,17.05),
(1,1,1792859400000,17.41),
(1,1,1792861200000,17.69),
(1,1,1792863000000,17.89),
(1,1,1792864800000,17.98),
(1,1,1792866600000,17.99),
(1,1,1792868400000,17.9),
(1,1,1792870200000,17.72),
(1,1,1792872000000,17.46),
(1,1,1792873800000,17.1),
(1,1,1792875600000,16.67),
(1,1,1792877400000,16.16),
(1,1,1792879200000,15.59),
(1,1,1792881000000,14.96),
(1,1,1792882800000,14.29),
(1,1,1792884600000,13.58),
(1,1,1792886400000,12.85),
(1,1,1792888200000,12.1),
(1,1,1792890000000,11.35),
(1,1,1792891800000,10.61),
(1,1,1792893600000,9.9),
(1,1,1792895400000,9.21),
(1,1,1792897200000,8.57),
(1,1,1792899000000,7.98),
(1,1,1792900800000,7.46),
(1,1,1792920600000,7.27),
(1,1,1792922400000,7.77),
(1,1,1792924200000,8.33),
(1,1,1792926000000,8.95),
(1,1,1792927800000,9.62),
(1,1,1792929600000,10.32),
(1,1,1792931400000,11.05),
(1,1,1792933200000,11.8),
(1,1,1792935000000,12.55),
(1,1,1792936800000,13.29),
(1,1,1792938600000,14.01),
(1,1,1792940400000,14.7),
(1,1,1792942200000,15.35),
(1,1,1792944000000,15.94),
(1,1,1792945800000,16.48),
(1,1,1792947600000,16.94),
(1,1,1792949400000,17.32),
(1,1,1792951200000,17.63),
(1,1,1792953000000,17.84),
(1,1,1792954800000,17.97),
(1,1,1792956600000,18.0),
(1,1,1792958400000,17.94),
(1,1,1792960200000,17.78),
(1,1,1792962000000,17.54),
(1,1,1792963800000,17.2),
(1,1,1792965600000,16.79),
(1,1,1792967400000,16.3),
(1,1,1792969200000,15.75),
(1,1,1792971000000,15.13),
(1,1,1792972800000,14.47),
(1,1,1792974600000,13.77),
(1,1,1792976400000,13.04),
(1,1,1792978200000,12.3),
(1,1,1792980000000,11.55),
(1,1,1792981800000,10.81),
(1,1,1792983600000,10.08),
(1,1,1792985400000,9.39),
(1,1,1792987200000,8.74),
(1,1,1792989000000,8.13),
(1,1,1792990800000,7.59),
(1,1,1792992600000,7.12),
(1,1,1792994400000,6.72),
(1,1,1792996200000,6.41),
(1,1,1792998000000,6.18),
(1,1,1792999800000,6.04),
(1,1,1793001600000,6.0),
(1,1,1793003400000,6.05),
(1,1,1793005200000,6.19),
(1,1,1793007000000,6.43),
(1,1,1793008800000,6.75),
(1,1,1793010600000,7.15),
(1,1,1793012400000,7.63),
(1,1,1793014200000,8.17),
(1,1,1793016000000,8.78),
(1,1,1793017800000,9.44),
(1,1,1793019600000,10.13),
(1,1,1793021400000,10.86),
(1,1,1793023200000,21.4),
(1,2,1792843200000,80.0),
(1,2,1792845000000,79.84),
(1,2,1792846800000,79.38),
(1,2,1792848600000,78.61),
(1,2,1792850400000,77.55),
(1,2,1792852200000,76.22),
(1,2,1792854000000,74.63),
(1,2,1792855800000,72.82),
(1,2,1792857600000,70.81),
(1,2,1792859400000,68.62),
(1,2,1792861200000,66.31),
(1,2,1792863000000,63.89),
(1,2,1792864800000,61.41),
(1,2,1792866600000,58.92),
(1,2,1792868400000,56.44),
(1,2,1792870200000,54.01),
(1,2,1792872000000,51.68),
(1,2,1792873800000,49.47),
(1,2,1792875600000,47.44),
(1,2,1792877400000,45.59),
(1,2,1792879200000,43.98),
(1,2,1792881000000,42.61),
(1,2,1792882800000,41.51),
(1,2,1792884600000,40.71),
(1,2,1792886400000,40.2),
(1,2,1792888200000,40.0),
(1,2,1792890000000,40.12),
(1,2,1792891800000,40.54),
(1,2,1792893600000,41.27),
(1,2,1792895400000,42.29),
(1,2,1792897200000,43.59),
(1,2,1792899000000,45.14),
(1,2,1792900800000,46.93),
(1,2,1792920600000,72.3),
(1,2,1792922400000,74.17),
(1,2,1792924200000,75.82),
(1,2,1792926000000,77.22),
(1,2,1792927800000,78.36),
(1,2,1792929600000,79.2),
(1,2,1792931400000,79.75),
(1,2,1792933200000,79.99),
(1,2,1792935000000,79.92),
(1,2,1792936800000,79.53),
(1,2,1792938600000,78.84),
(1,2,1792940400000,77.86),
(1,2,1792942200000,76.6),
(1,2,1792944000000,75.08),
(1,2,1792945800000,73.32),
(1,2,1792947600000,71.36),
(1,2,1792949400000,69.22),
(1,2,1792951200000,66.93),
(1,2,1792953000000,64.54),
(1,2,1792954800000,62.08),
(1,2,1792956600000,59.58),
(1,2,1792958400000,57.09),
(1,2,1792960200000,54.65),
(1,2,1792962000000,52.29),
(1,2,1792963800000,50.04),
(1,2,1792965600000,47.96),
(1,2,1792967400000,46.06),
(1,2,1792969200000,44.38),
(1,2,1792971000000,42.95),
(1,2,1792972800000,41.78),
(1,2,1792974600000,40.89),
(1,2,1792976400000,40.3),
(1,2,1792978200000,40.02),
(1,2,1792980000000,40.06),
(1,2,1792981800000,40.4),
(1,2,1792983600000,41.05),
(1,2,1792985400000,41.99),
(1,2,1792987200000,43.22),
(1,2,1792989000000,44.71),
(1,2,1792990800000,46.43),
(1,2,1792992600000,48.37),
(1,2,1792994400000,50.49),
(1,2,1792996200000,52.76),
(1,2,1792998000000,55.14),
(1,2,1792999800000,57.59),
(1,2,1793001600000,60.09),
(1,2,1793003400000,62.58),
(1,2,1793005200000,65.03),
(1,2,1793007000000,67.41),
(1,2,1793008800000,69.67),
(1,2,1793010600000,71.77),
(1,2,1793012400000,73.7),
(1,2,1793014200000,75.41),
(1,2,1793016000000,76.88),
(1,2,1793017800000,78.08),
(1,2,1793019600000,79.01),
(1,2,1793021400000,79.63),
(1,2,1793023200000,101.5),
(2,1,1792843200000,12.0),
(2,1,1792845000000,12.75),
(2,1,1792846800000,13.48),
(2,1,1792848600000,14.2),
(2,1,1792850400000,14.88),
(2,1,1792852200000,15.51),
(2,1,1792854000000,16.09),
(2,1,1792855800000,16.61),
(2,1,1792857600000,17.05),
(2,1,1792859400000,17.41),
(2,1,1792861200000,17.69),
(2,1,1792863000000,17.89),
(2,1,1792864800000,17.98),
(2,1,1792866600000,17.99),
(2,1,1792868400000,17.9),
(2,1,1792870200000,17.72),
(2,1,1792872000000,17.46),
(2,1,1792873800000,17.1),
(2,1,1792875600000,16.67),
(2,1,1792877400000,16.16),
(2,1,1792879200000,15.59),
(2,1,1792881000000,14.96),
(2,1,1792882800000,14.29),
(2,1,1792884600000,13.58),
(2,1,1792886400000,12.85),
(2,1,1792888200000,12.1),
(2,1,1792890000000,11.35),
(2,1,1792891800000,10.61),
(2,1,1792893600000,9.9),
(2,1,1792895400000,9.21),
(2,1,1792897200000,8.57),
(2,1,1792899000000,7.98),
(2,1,1792900800000,7.46),
(2,1,1792920600000,7.27),
(2,1,1792922400000,7.77),
(2,1,1792924200000,8.33),
(2,1,1792926000000,8.95),
(2,1,1792927800000,9.62),
(2,1,1792929600000,10.32),
(2,1,1792931400000,11.05),
(2,1,1793023200000,-3.5);
CREATE TABLE "stations_field" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "number" smallint unsigned NOT NULL CHECK ("number" >= 0), "name" varchar(40) NOT NULL, "unit" varchar(16) NOT NULL, "decimals" smallint unsigned NOT NULL CHECK ("decimals" >= 0), "smallest" real NULL, "largest" real NULL, "newest_value" real NULL, "newest_at" bigint NULL, "bucket_empty_at" bigint NULL, "station_id" integer NOT NULL REFERENCES "stations_station" ("id") DEFERRABLE INITIALLY DEFERRED, CONSTRAINT "field_number_once" UNIQUE ("station_id", "number"), CONSTRAINT "field_name_once" UNIQUE ("station_id", "name"), CONSTRAINT "field_number_in_range" CHECK ("number" BETWEEN 1 AND 255), CONSTRAINT "field_plausible_range" CHECK (("smallest" IS NULL OR "largest" IS NULL OR "smallest" < ("largest"))));
INSERT INTO "stations_field" VALUES(1,1,'temperature','degC',1,NULL,NULL,21.4,1793023200000,1793023212000,1);
INSERT INTO "stations_field" VALUES(2,2,'humidity','%',1,0.0,100.0,101.5,1793023200000,1793023212000,1);
INSERT INTO "stations_field" VALUES(3,1,'temperature','degC',1,NULL,NULL,-3.5,1793023200000,1793023320000,2);
INSERT INTO "stations_field" VALUES(4,1,'temperature','degC',1,NULL,NULL,NULL,NULL,NULL,3);
CREATE TABLE "stations_key" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "digest" varchar(64) NOT NULL, "hint" varchar(4) NOT NULL, "issued_at" bigint NOT NULL, "first_used_at" bigint NULL, "ended_at" bigint NULL, "station_id" integer NOT NULL REFERENCES "stations_station" ("id") DEFERRABLE INITIALLY DEFERRED);
INSERT INTO "stations_key" VALUES(1,'4f45e1c7e5493e7ee306ad9629f45a76e42fc1751112cfa37158c1823aa6d691','-key',1795840378844,1793023200000,NULL,1);
INSERT INTO "stations_key" VALUES(2,'b1cf9341b13347cc6f42250cb2f815804c6c6d0bb9ff5c4b0e6c85a11ece0549','-key',1795840378851,1793023200000,NULL,2);
INSERT INTO "stations_key" VALUES(3,'66af9af810f0fa48c37260bb8b475110ea7d005065589f6a1e8f3cf9eadff70a','-key',1795840383142,NULL,NULL,1);
CREATE TABLE "stations_station" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "name" varchar(80) NOT NULL UNIQUE, "mac" varchar(17) NULL UNIQUE, "place" varchar(120) NOT NULL, "latitude" real NULL, "longitude" real NULL, "elevation_m" real NULL, "timezone" varchar(64) NOT NULL, "board" varchar(40) NOT NULL, "interval_s" integer unsigned NOT NULL CHECK ("interval_s" >= 0), "active" bool NOT NULL, "public" bool NOT NULL, "on_map" bool NOT NULL, "simulated" bool NOT NULL, "notes" text NOT NULL, "last_heard_at" bigint NULL, CONSTRAINT "station_latitude_in_range" CHECK (("latitude" IS NULL OR "latitude" BETWEEN -90.0 AND 90.0)), CONSTRAINT "station_longitude_in_range" CHECK (("longitude" IS NULL OR "longitude" BETWEEN -180.0 AND 180.0)), CONSTRAINT "station_interval_in_range" CHECK ("interval_s" BETWEEN 1 AND 86400));
INSERT INTO "stations_station" VALUES(1,'Garden','6c:ef:7f:3b:9d:e8','Behind the school',52.52,13.41,34.0,'Europe/Berlin','ESP8266',60,1,1,0,0,'',1793023200000);
INSERT INTO "stations_station" VALUES(2,'Roof','02:00:00:00:00:01','',NULL,NULL,NULL,'Asia/Kathmandu','ESP8266',600,1,0,0,0,'',1793023200000);
INSERT INTO "stations_station" VALUES(3,'Attic',NULL,'',NULL,NULL,NULL,'Europe/Berlin','ESP8266',60,1,1,0,0,'',NULL);
CREATE UNIQUE INDEX "auth_group_permissions_group_id_permission_id_0cd325b0_uniq" ON "auth_group_permissions" ("group_id", "permission_id");
CREATE INDEX "auth_group_permissions_group_id_b120cbf9" ON "auth_group_permissions" ("group_id");
CREATE INDEX "auth_group_permissions_permission_id_84c5c92e" ON "auth_group_permissions" ("permission_id");
CREATE UNIQUE INDEX "auth_user_groups_user_id_group_id_94350c0c_uniq" ON "auth_user_groups" ("user_id", "group_id");
CREATE INDEX "auth_user_groups_user_id_6a12ed8b" ON "auth_user_groups" ("user_id");
CREATE INDEX "auth_user_groups_group_id_97559544" ON "auth_user_groups" ("group_id");
CREATE UNIQUE INDEX "auth_user_user_permissions_user_id_permission_id_14a6b632_uniq" ON "auth_user_user_permissions" ("user_id", "permission_id");
CREATE INDEX "auth_user_user_permissions_user_id_a95ead1b" ON "auth_user_user_permissions" ("user_id");
CREATE INDEX "auth_user_user_permissions_permission_id_1fbb5f2c" ON "auth_user_user_permissions" ("permission_id");
CREATE INDEX "django_admin_log_content_type_id_c4bce8eb" ON "django_admin_log" ("content_type_id");
CREATE INDEX "django_admin_log_user_id_c564eba6" ON "django_admin_log" ("user_id");
CREATE UNIQUE INDEX "django_content_type_app_label_model_76bd3d3b_uniq" ON "django_content_type" ("app_label", "model");
CREATE UNIQUE INDEX "auth_permission_content_type_id_codename_01ab375a_uniq" ON "auth_permission" ("content_type_id", "codename");
CREATE INDEX "auth_permission_content_type_id_2f476e4b" ON "auth_permission" ("content_type_id");
CREATE INDEX "stations_station_last_heard_at_11bb4b67" ON "stations_station" ("last_heard_at");
CREATE UNIQUE INDEX "key_one_pending" ON "stations_key" ("station_id") WHERE ("ended_at" IS NULL AND "first_used_at" IS NULL);
CREATE UNIQUE INDEX "key_one_live" ON "stations_key" ("station_id") WHERE ("ended_at" IS NULL AND "first_used_at" IS NOT NULL);
CREATE INDEX "stations_key_station_id_c97771b9" ON "stations_key" ("station_id");
CREATE INDEX "stations_field_station_id_7ac8ccfb" ON "stations_field" ("station_id");
CREATE INDEX "django_session_expire_date_a5c62663" ON "django_session" ("expire_date");
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('django_migrations',20);
INSERT INTO "sqlite_sequence" VALUES('django_admin_log',0);
INSERT INTO "sqlite_sequence" VALUES('django_content_type',10);
INSERT INTO "sqlite_sequence" VALUES('auth_permission',40);
INSERT INTO "sqlite_sequence" VALUES('auth_group',1);
INSERT INTO "sqlite_sequence" VALUES('auth_user',1);
INSERT INTO "sqlite_sequence" VALUES('auth_group_permissions',10);
INSERT INTO "sqlite_sequence" VALUES('stations_station',3);
INSERT INTO "sqlite_sequence" VALUES('stations_field',4);
INSERT INTO "sqlite_sequence" VALUES('stations_key',3);
COMMIT;
