// SPDX-License-Identifier: GPL-2.0-only
/* Rules about processes: lines, files, and which one decides. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "classify.h"
#include "tap.h"

#define ALL	((1U << CLASSIFY_NCONDS) - 1)

static struct ctid_err err;

static int take(void *data, const struct rulefile_line *one,
		struct ctid_err *why)
{
	return classify_line(data, one, why);
}

/* Reads one line; returns what classify_line() does. */
static int line(struct classify *rules, const char *text)
{
	return rulefile_line(take, rules, "conf", 7, text, &err);
}

static void good(const char *text)
{
	struct classify rules = { 0 };

	ok(!line(&rules, text) && rules.count == 1, text);
	classify_free(&rules);
}

static void bad(const char *text, const char *why)
{
	struct classify rules = { 0 };

	ok(line(&rules, text) == -EINVAL && !rules.count, text);
	has(err.text, why, "says why");
	classify_free(&rules);
}

static void test_lines(void)
{
	struct classify rules = { 0 };

	good("process user root container web");
	good("process user 1000 container 7");
	good("process container 7 user 1000");
	good("process group root container web");
	good("process exe /usr/bin/rsync container backup cgroup /backup.slice");
	good("process session-leader /a group-leader /b from none,7,web container x");
	bad("process", "has no container");
	bad("process user root", "has no container");
	bad("process container web", "asks nothing");
	bad("process from web container x", "asks nothing");
	bad("process user no-such-user container web", "no user");
	bad("process user 4294967295 container web", "no user");
	bad("process group no-such-group container web", "no group");
	bad("process exe rsync container web", "exe \"rsync\" must begin");
	bad("process cgroup a user 0 container web", "cgroup \"a\" must begin");
	bad("process user 0 container web,db", "the name \"web,db\" may have");
	bad("process user 0 container 0", "container id 0 is out of range");
	bad("process user 0 from a,,b container web", "the name \"\" is empty");
	bad("process user 0 user 1 container web", "user is there twice");
	bad("process user 0 container web exe", "exe needs a word");
	bad("process uid 0 container web", "\"uid\" is no word");

	ok(!line(&rules, "process exe /a\\040b container web"), "a blank in a path");
	is(rules.rules[0].conds[CLASSIFY_EXE], "/a b", "is read as one");
	ok(rules.asked == 1U << CLASSIFY_EXE, "what is asked is known");
	line(&rules, "process nonsense");
	ok(rules.count == 1, "a bad line leaves the others");
	classify_free(&rules);
}

static void test_order(void)
{
	gid_t groups[] = { 5, 6 };
	struct classify_facts facts = {
		.known = 1U << CLASSIFY_USER | 1U << CLASSIFY_GROUP,
		.uid = 1000, .gid = 100, .groups = groups, .ngroups = 2,
		.owner_name = "",
	};
	struct classify rules = { 0 };

	line(&rules, "process user 1000 exe /usr/bin/rsync container a");
	line(&rules, "process user 1000 group 7 container b");
	line(&rules, "process user 1000 group 6 container c");
	line(&rules, "process user 1000 container d");
	is(classify_find(&rules, &facts)->container, "c", "the first that fits");
	groups[1] = 7;
	is(classify_find(&rules, &facts)->container, "b", "a further group");
	facts.gid = 6;
	facts.ngroups = 0;
	is(classify_find(&rules, &facts)->container, "c", "the group itself");
	facts.known = 1U << CLASSIFY_USER;
	is(classify_find(&rules, &facts)->container, "d", "what is unknown fits not");
	facts.uid = 0;
	ok(!classify_find(&rules, &facts), "none");
	classify_free(&rules);
}

static void test_from(void)
{
	struct classify_facts facts = {
		.known = 1U << CLASSIFY_USER | 1U << CLASSIFY_FROM,
		.owner_name = "",
	};
	struct classify rules = { 0 };
	enum classify_cond misfit;

	line(&rules, "process user 0 container web");
	line(&rules, "process user 0 from none,new,9 container web");
	ok(classify_fits(&rules.rules[0], &facts, &misfit), "in none");
	ok(classify_fits(&rules.rules[1], &facts, &misfit), "in none, listed");
	facts.owner = 8;
	facts.owner_name = "db";
	ok(!classify_fits(&rules.rules[0], &facts, &misfit) &&
	   misfit == CLASSIFY_FROM, "nobody is pulled out of a container");
	ok(!classify_fits(&rules.rules[1], &facts, &misfit), "nor if it is not listed");
	facts.owner_name = "new";
	ok(classify_fits(&rules.rules[1], &facts, &misfit), "listed by name");
	facts.owner_name = "newer";
	ok(!classify_fits(&rules.rules[1], &facts, &misfit), "by all of it");
	facts.owner = 9;
	ok(classify_fits(&rules.rules[1], &facts, &misfit), "by id");
	facts.owner_name = "web";
	ok(classify_fits(&rules.rules[0], &facts, &misfit), "what is there already");
	facts.known = 1U << CLASSIFY_USER;
	facts.owner_name = "db";
	ok(classify_fits(&rules.rules[0], &facts, &misfit), "who asks before knowing");
	classify_free(&rules);
}

static void test_process(void)
{
	struct classify_facts facts;
	struct classify rules = { 0 };
	char self[4096], text[5000];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);

	self[len > 0 ? len : 0] = '\0';
	ok(!classify_process(&facts, "self", ALL), "this process");
	ok(facts.uid == getuid() && facts.gid == getgid(), "its ids");
	ok((int)facts.ngroups == getgroups(0, NULL), "its groups");
	snprintf(text, sizeof(text), "process exe /..%s container web", self);
	line(&rules, text);
	ok(classify_find(&rules, &facts) != NULL, "its file, by another path");
	line(&rules, "process exe /nonexistent container db");
	facts.files[CLASSIFY_EXE].ino++;
	ok(!classify_find(&rules, &facts), "another file");
	classify_facts_clear(&facts);
	ok(!classify_process(&facts, "self", 1U << CLASSIFY_EXE) &&
	   facts.known == 1U << CLASSIFY_EXE && !facts.groups,
	   "what nobody asks is not read");
	classify_facts_clear(&facts);
	ok(classify_process(&facts, "999999999", ALL) == -ESRCH, "no process");
	ok(!classify_is_kernel("self") && !classify_is_kernel("999999999"),
	   "neither is the kernel's");
	classify_facts_clear(&facts);
	classify_free(&rules);
}

static void test_facts(void)
{
	struct classify_facts facts = { .owner_name = "" };
	struct classify rules = { 0 };
	enum classify_cond misfit;
	int i;

	line(&rules, "process group 1 container a");
	line(&rules, "process group 2 container b");
	line(&rules, "process group 3 container c");
	ok(!classify_find(&rules, &facts), "nothing is known");
	ok(!classify_fact(&facts, CLASSIFY_GROUP, "1", &err) &&
	   !classify_fact(&facts, CLASSIFY_GROUP, "2", &err) &&
	   !classify_fact(&facts, CLASSIFY_GROUP, "3", &err), "three groups");
	for (i = 0; i < 3; i++)
		ok(classify_fits(&rules.rules[i], &facts, &misfit), "each counts");
	ok(classify_fact(&facts, CLASSIFY_GROUP, "no-such-group", &err) == -ENOENT,
	   "one that is not there");
	ok(!classify_fact(&facts, CLASSIFY_USER, "1", &err) &&
	   !classify_fact(&facts, CLASSIFY_USER, "2", &err) && facts.uid == 2,
	   "a process has one user");
	classify_facts_clear(&facts);
	classify_free(&rules);
}

static char complaints[4096];

static void complain(void *data, const char *text)
{
	(void)data;
	strncat(complaints, text, sizeof(complaints) - strlen(complaints) - 1);
}

static void put_file(const char *path, const char *text, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	ok(fd >= 0 && write(fd, text, len) == (ssize_t)len, path);
	close(fd);
}

static int load(struct classify *rules, const char *path)
{
	*complaints = '\0';
	return classify_load(rules, path, complain, NULL);
}

static int load_named(struct classify *rules, const char *path)
{
	*complaints = '\0';
	return classify_load_named(rules, path, complain, NULL);
}

static void test_files(void)
{
	static const char main_file[] =
		"# comment\n\nunit a.service id 7 name web\n"
		"process user 0 container web # why\ndocker-socket /run/x\n";
	static const char first[] = "process user 1 container a\n";
	char dir[] = "/tmp/test_classify.XXXXXX";
	struct classify rules;

	ok(mkdtemp(dir) && !chdir(dir), "a directory");
	ok(!load(&rules, "conf") && !rules.count, "no file, no rules");
	ok(load_named(&rules, "conf") == -ENOENT, "one that is named has to be there");
	has(complaints, "cannot open conf: No such file", "or it is complained about");
	ok(!symlink("nothing", "conf") && load_named(&rules, "conf") == -ENOENT,
	   "a link to nothing is none");
	unlink("conf");
	put_file("conf", "", 0);
	ok(load(&rules, "conf") == -EINVAL && !rules.count, "an empty file");
	has(complaints, "conf is empty: write a comment into it", "is complained about");
	put_file("conf", "#", 1);
	ok(!load(&rules, "conf") && !rules.count, "a comment, no rules");
	put_file("conf", main_file, strlen(main_file));
	ok(!load_named(&rules, "conf") && rules.count == 1, "it is read as any other");
	classify_free(&rules);
	ok(!load(&rules, "conf") && rules.count == 1, "other lines are passed over");
	ok(rules.rules[0].line == 4, "and counted");
	classify_free(&rules);

	ok(!mkdir("conf.d", 0700), "conf.d");
	put_file("conf.d/2.conf", "process user 2 container b", 26);
	put_file("conf.d/1.conf", first, strlen(first));
	put_file("conf.d/3.txt", "process nonsense\n", 17);
	ok(!load(&rules, "conf") && rules.count == 3, "a directory of files");
	is(rules.rules[1].file, "conf.d/1.conf", "in the order of their names");
	classify_free(&rules);
	put_file("conf", "#", 1);
	ok(!load(&rules, "conf") && rules.count == 2, "which may be all there is");
	classify_free(&rules);

	put_file("conf.d/2.conf", "process a\nprocess user 2\n", 25);
	ok(load(&rules, "conf") == -EINVAL && !rules.count, "one bad file spoils all");
	has(complaints, "conf.d/2.conf:1: \"a\" is no word", "the first bad line");
	has(complaints, "conf.d/2.conf:2: has no container", "and the second");
	put_file("conf.d/2.conf", "proces user 2 container b\n", 26);
	ok(load(&rules, "conf") == -EINVAL && !rules.count, "a misspelt line");
	has(complaints, "conf.d/2.conf:1: \"proces\" is nothing that a line can begin with",
	    "is not passed over");
	put_file("conf.d/2.conf", "\357\273\277process user 2 container b\n", 30);
	ok(load(&rules, "conf") == -EINVAL && !rules.count, "nor a byte order mark");
	has(complaints, "conf.d/2.conf:1: \"\\357\\273\\277process\" is nothing",
	    "which is shown");
	put_file("conf.d/2.conf", "process\0user\n", 13);
	ok(load(&rules, "conf") == -EINVAL, "a NUL byte");
	has(complaints, "conf.d/2.conf:1: has a NUL byte", "is complained about");
	ok(!unlink("conf.d/2.conf") && !mkdir("conf.d/2.conf", 0700),
	   "what is no file");
	ok(load(&rules, "conf") < 0, "is complained about");
	has(complaints, "cannot read conf.d/2.conf", "by name");
	unlink("conf.d/1.conf");
	rmdir("conf.d/2.conf");
	unlink("conf.d/3.txt");
	rmdir("conf.d");
	unlink("conf");
	ok(!chdir("/") && !rmdir(dir), "all is gone");
}

int main(void)
{
	test_lines();
	test_order();
	test_from();
	test_process();
	test_facts();
	test_files();
	return tap_done();
}
