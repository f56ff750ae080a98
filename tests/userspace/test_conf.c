// SPDX-License-Identifier: GPL-2.0-only
/* container.conf: what it means, and what is wrong with it. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "conf.h"
#include "tap.h"

static char complaints[8192];
static char path[] = "/tmp/test_conf.XXXXXX";

static void collect(void *data, const char *text)
{
	size_t used = strlen(complaints);

	(void)data;
	snprintf(complaints + used, sizeof(complaints) - used, "%s\n",
		 text + strlen(path) + 1);
}

static int load_bytes(struct conf *conf, const char *bytes, size_t len)
{
	FILE *file = fopen(path, "w");
	struct ctid_err err;

	complaints[0] = '\0';
	if (!file || fwrite(bytes, 1, len, file) != len || fclose(file))
		perror(path);
	return conf_load(conf, path, collect, NULL, &err);
}

static int load(struct conf *conf, const char *text)
{
	return load_bytes(conf, text, strlen(text));
}

static void test_good(void)
{
	const struct conf_entry *web, *db;
	struct conf conf;

	ok(!load(&conf, "# all of them\n"
			"\n"
			"7 web /system.slice/web.service /a\\040b # comment\n"
			"  9\t-\r\n"
			"4294967295 db-1 /x#y /dev-\\x2d.mount"), "good file");
	is(complaints, "", "no complaint");
	ok(!conf.nbad && conf.nentries == 3, "three lines");
	web = conf_by_name(&conf, "web");
	ok(web && web->id == 7 && web->line == 3, "web");
	ok(web && web->ncgroups == 2, "two cgroups");
	is(web ? web->cgroups[0] : NULL, "/system.slice/web.service", "first");
	is(web ? web->cgroups[1] : NULL, "/a b", "second, with an escape");
	ok(conf_by_id(&conf, 9) && !conf_by_id(&conf, 9)->name, "no name");
	db = conf_by_id(&conf, 4294967295);
	is(db ? db->name : NULL, "db-1", "last line without a newline");
	is(db ? db->cgroups[0] : NULL, "/x#y", "# inside of a word");
	is(db ? db->cgroups[1] : NULL, "/dev-\\x2d.mount", "systemd's escape");
	ok(!conf_by_name(&conf, "-"), "- is no name");
	ok(!conf_by_id(&conf, 8) && !conf_by_name(&conf, "we"), "no others");
	conf_free(&conf);
}

/* What else a path may be written as, and what only looks so. */
static void test_paths(void)
{
	struct conf conf;

	ok(!load(&conf, "7 web /a/ /b//c/./d /... /.e/..f/g. / /a\n") && !conf.nbad,
	   "paths");
	ok(conf.nentries == 1 && conf.entries->ncgroups == 6, "all of them");
	is(conf.entries->cgroups[0], "/a", "without the last slash");
	is(conf.entries->cgroups[1], "/b/c/d", "without what leads nowhere");
	is(conf.entries->cgroups[2], "/...", "a name of dots");
	is(conf.entries->cgroups[3], "/.e/..f/g.", "names with dots");
	is(conf.entries->cgroups[4], "/", "the root");
	conf_free(&conf);
}

static void bad(const char *text, const char *complaint)
{
	struct conf conf;

	ok(!load(&conf, text) && conf.nbad == 1, complaint);
	has(complaints, complaint, "complaint");
	conf_free(&conf);
}

static void test_bad(void)
{
	bad("web 7\n", "1: \"web\" is no container id");
	bad("\n\n0 web\n", "3: container id 0 is out of range");
	bad("4294967296 web\n", "1: container id 4294967296 is out of range");
	bad("7\n", "1: container 7 has no name");
	bad("7 # web\n", "1: container 7 has no name");
	bad("7 8\n", "1: the name \"8\" is all digits");
	bad("7 1-2\n", "1: the name \"1-2\" would be read as a range");
	bad("7 a,b\n", "1: the name \"a,b\" may have");
	bad("7 web system.slice\n", "must begin with '/'");
	bad("7 web /a b\n", "1: cgroup \"b\" must begin with '/'");
	bad("7 web\n8 db\n7 x\n", "3: container 7 is on line 1 already");
	bad("7 web\n8 db\n9 web\n", "3: the name \"web\" is on line 1 already");
	bad("7 web /a\n8 db /b /a\n", "2: cgroup \"/a\" is on line 1 already");
	bad("7 web /a/\n8 db /a\n", "2: cgroup \"/a\" is on line 1 already");
	bad("7 web /a/b\n8 db //a/./b/.\n", "2: cgroup \"/a/b\" is on line 1 already");
	bad("7 web /\n8 db /./\n", "2: cgroup \"/\" is on line 1 already");
	bad("7 web /a\\057/b\n8 db /a/b\n", "2: cgroup \"/a/b\" is on line 1 already");
	bad("7 web /a/../b\n", "1: cgroup \"/a/../b\" must not have \"..\"");
	bad("7 web /..\n", "1: cgroup \"/..\" must not have \"..\"");
	bad("7 web mark\n", "1: mark which? A value is missing");
	bad("7 web mark 1 priority x\n", "1: priority \"x\" is neither");
	bad("7 web mark 1 /a mark 2\n", "1: mark is said twice");
	bad("7 mark 5\n", "1: cgroup \"5\" must begin with '/'");
	bad("7 w\033[31mb\n", "\"w\\033[31mb\"");
}

static void test_flow(void)
{
	const struct conf_entry *web, *db;
	struct conf conf;

	ok(!load(&conf, "7 web mark 0x10 classid 1:10 /a flow fixed /b # c\n"
			"8 db priority none\n9 c /c\n") && !conf.nbad, "flow ids");
	web = conf_by_id(&conf, 7);
	db = conf_by_id(&conf, 8);
	ok(web && web->flow.to.mark == 16 && web->flow.to.classid == 0x10010 &&
	   web->flow.to.fixed, "before and after a cgroup");
	ok(web && web->ncgroups == 2, "and the cgroups");
	ok(db && db->flow.unset && !db->flow.to.set, "none");
	ok(!flow_is_asked(&conf_by_id(&conf, 9)->flow), "nothing said");
	conf_free(&conf);
}

static void test_bad_and_good(void)
{
	struct conf conf;

	ok(!load(&conf, "x\n7 web /a\ny z\n8 db /b\n"), "good and bad lines");
	ok(conf.nbad == 2 && conf.nentries == 2, "two of each");
	ok(conf_by_name(&conf, "db") != NULL, "good ones are there");
	is(conf_by_name(&conf, "db")->cgroups[0], "/b", "with their cgroups");
	conf_free(&conf);
}

static void test_odd(void)
{
	static char big[1 << 20];
	struct ctid_err err;
	struct conf conf;

	ok(!load(&conf, "") && !conf.nentries && !conf.nbad, "empty file");
	ok(!conf_by_id(&conf, 1) && !conf_by_name(&conf, "a"), "has none");
	conf_free(&conf);
	ok(!load_bytes(&conf, "7 a\0b\n8 c\n", 10), "NUL byte");
	ok(conf.nbad == 1 && conf.nentries == 1, "spoils its line only");
	has(complaints, "1: has a NUL byte", "complaint");
	conf_free(&conf);

	memset(big, 'x', sizeof(big));
	memcpy(big, "7 ", 2);
	ok(!load_bytes(&conf, big, sizeof(big)) && conf.nbad == 1, "huge name");
	ok(strlen(complaints) < 1000, "short complaint");
	conf_free(&conf);
	memcpy(big, "7 web /", 7);
	ok(!load_bytes(&conf, big, sizeof(big)) && conf.nbad == 1, "huge path");
	has(complaints, "is too long", "complaint");
	conf_free(&conf);
	memset(big, '/', sizeof(big));
	ok(!load_bytes(&conf, big, sizeof(big)) && conf.nbad == 1, "all slashes");
	conf_free(&conf);

	ok(conf_load(&conf, "/nonexistent", NULL, NULL, &err) == -ENOENT,
	   "no such file");
	has(err.text, "cannot open /nonexistent", "complaint");
	conf_free(&conf);
	ok(conf_load(&conf, "/", NULL, NULL, &err) == -EISDIR, "directory");
	conf_free(&conf);
}

static void test_many(void)
{
	const unsigned int count = 100000;
	FILE *file = fopen(path, "w");
	struct conf conf;
	unsigned int i;

	for (i = 1; file && i <= count; i++)
		fprintf(file, "%u c%u /ctid.slice/c%u\n", i * 7, i, i);
	if (file)
		fclose(file);
	complaints[0] = '\0';
	ok(!conf_load(&conf, path, collect, NULL, NULL), "100,000 containers");
	ok(conf.nentries == count && !conf.nbad, "all of them");
	ok(conf_by_name(&conf, "c4711")->id == 4711 * 7, "by name");
	is(conf_by_id(&conf, 7 * count)->name, "c100000", "by id");
	conf_free(&conf);
}

int main(void)
{
	int fd = mkstemp(path);

	if (fd < 0) {
		perror(path);
		return 1;
	}
	close(fd);
	test_good();
	test_paths();
	test_bad();
	test_flow();
	test_bad_and_good();
	test_odd();
	test_many();
	unlink(path);
	return tap_done();
}
