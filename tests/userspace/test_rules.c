// SPDX-License-Identifier: GPL-2.0-only
/* ctid.conf: what it means, what is wrong with it, and what a path tells. */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ctidd/asks.h"
#include "ctidd/labels.h"
#include "ctidd/rules.h"
#include "tap.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define UID "11111111_2222_3333_4444_555555555555"

static char complaints[8192];
static char dir[] = "/tmp/test_rules.XXXXXX";
static char path[64], more[64], more_file[80], other[80];
static const struct labels none;

static void collect(void *data, const char *text)
{
	size_t used = strlen(complaints);

	(void)data;
	snprintf(complaints + used, sizeof(complaints) - used, "%s\n",
		 text + strlen(dir) + 1);
}

static void put(const char *file, const char *text)
{
	FILE *out = fopen(file, "w");

	if (!out || fputs(text, out) < 0 || fclose(out))
		perror(file);
}

static int load(struct rules *rules, const char *text)
{
	struct ctid_err err;

	put(path, text);
	complaints[0] = '\0';
	return rules_load(rules, path, collect, NULL, &err);
}

static void bad(const char *text, const char *complaint)
{
	struct rules rules;

	ok(!load(&rules, text) && rules.nbad == 1, complaint);
	has(complaints, complaint, "complaint");
	rules_free(&rules);
}

static void good(const char *text, const char *what)
{
	struct rules rules;

	ok(!load(&rules, text) && !rules.nbad, what);
	is(complaints, "", "no complaint");
	rules_free(&rules);
}

static void test_bad(void)
{
	bad("web\n", "c.conf:1: \"web\" is nothing that a line can begin with");
	bad("\n\ncgroup\n", "c.conf:3: \"cgroup\" needs a pattern");
	bad("cgroup web id 7\n", "1: cgroup \"web\" must begin with '/'");
	bad("cgroup /web/ id 7\n", "1: no cgroup has the path \"/web/\": write it without");
	bad("cgroup // id 7\n", "1: no cgroup has the path \"//\"");
	bad("cgroup //web id 7\n", "1: no cgroup has the path \"//web\"");
	bad("cgroup /a//web id 7\n", "1: no cgroup has the path \"/a//web\"");
	bad("cgroup /a/./web id 7\n", "1: no cgroup has the path \"/a/./web\"");
	bad("cgroup /a/../web id 7\n", "1: no cgroup has the path \"/a/../web\"");
	bad("cgroup /.. id 7\n", "1: no cgroup has the path \"/..\"");
	good("cgroup / id 7\n", "the top");
	good("cgroup /.../a./.b/..c/*.d/..?/[.] id 7\n", "dots in names");
	bad("unit web id 7\n", "1: no unit is called \"web\": write \"web.service\"");
	bad("unit web@a range 7-9\n", "1: no unit is called \"web@a\"");
	good("unit * id 7\nunit web?service id 7\nunit web[.]service id 7\nunit web.slice none\n",
	     "units, and patterns that may have a suffix");
	bad("pod * qos gold id 7\n", "1: no pod has qos \"gold\": guaranteed, burstable");
	bad("pod * qos Burstable id 7\n", "1: no pod has qos \"Burstable\"");
	good("pod * qos burstable id 7\npod * qos b* id 8\npod * qos * none\n",
	     "a class, and patterns that one fits");
	bad("cgroup /web\n", "1: no container is said");
	bad("cgroup /web id\n", "1: \"id\" needs a container id");
	bad("cgroup /web id 0\n", "1: container id \"0\" is out of range");
	bad("cgroup /web id 4294967296\n", "is out of range");
	bad("cgroup /web id web\n", "1: \"id\" needs a container id");
	bad("cgroup /web range 7\n", "1: \"range\" needs ids, FROM-TO");
	bad("cgroup /web range 9-7\n", "1: range 9-7 has no ids");
	bad("cgroup /web range 0-7\n", "is out of range");
	bad("cgroup /web none 7\n", "1: \"7\" after \"none\"");
	bad("cgroup /web id 7 nam web\n", "1: \"nam\" after the id");
	bad("cgroup /web id 7 name\n", "1: \"name\" needs a name");
	bad("cgroup /web id 7 name 7\n", "1: the name \"7\" is all digits");
	bad("cgroup /web id 7 name a%n\n", "1: %n in a name needs a range");
	bad("cgroup /web range 7-9 name a\n", "1: all of the range would be called");
	bad("cgroup /web range 7-9 name %n\n", "1: put something beside %n");
	bad("cgroup /web id 7 reuse\n", "1: \"reuse\" is for a range");
	bad("cgroup /web image x id 7\n", "1: \"image\" is for docker and podman only");
	bad("pod * image x id 7\n", "1: \"image\" is for docker and podman only");
	bad("lxc * label x id 7\n", "1: \"label\" is for docker, podman and pod only");
	bad("docker * qos x id 7\n", "1: \"qos\" is for pod only");
	bad("docker * label\n", "1: \"label\" needs a pattern");
	bad("docker * web id 7\n", "1: \"web\" is no condition and no action");
	bad("docker-socket run/x\n", "1: \"docker-socket\" needs the absolute path");
	bad("cri-socket run/x\n", "1: \"cri-socket\" needs the absolute path");
	bad("docker-socket /run/x\ndocker-socket /run/y\n", "2: docker-socket is there twice");
	bad("cri-socket /run/x\ncgroup /a id 7\ncri-socket /run/x\n",
	    "3: cri-socket is there twice");
	good("docker-socket /run/x\npodman-socket /run/y\ncri-socket /run/z\n",
	     "each setting");
	bad("unit a.service id 7 name a name b\n", "1: name is there twice");
	bad("machine * range 7-9 reuse name a-%n reuse\n", "1: reuse is there twice");
	bad("machine * range 7-9 name a-%n reuse name a-%n\n", "1: name is there twice");
	bad("process user 0 container a container b\n", "1: container is there twice");
	bad("process user 0 id 7\n", "1: \"id\" is no word of a process rule");
	bad("process user 0\n", "1: has no container");
	bad("cgroup /a id 8\ncgroup /b range 7-9\n", "c.conf:1: id 8 is in the range of ");
	bad("cgroup /a id 8 name a\ncgroup /b id 8 name b\n", "2: container 8 is \"b\", but ");
	bad("cgroup /a id 8 name a\ncgroup /b id 9 name a\n", "2: container 9 is \"a\", but ");
}

static void test_files(void)
{
	struct rules rules;
	struct ctid_err err;
	char copy[512];

	mkdir(more, 0700);
	put(more_file, "unit b.service id 2\nnothing\n");
	snprintf(other, sizeof(other), "%s/20.conf~", more);
	put(other, "nothing\n");
	ok(!load(&rules, "# a comment\n\n cgroup /a\\040b id 1 name a # one\n"),
	   "a file and its directory");
	ok(rules.nrules == 2 && rules.nbad == 1, "two rules, one bad line");
	is(complaints, "c.conf.d/10.conf:2: \"nothing\" is nothing that a line can begin with: see ctid.conf(5)\n",
	   "which is named by its own file");
	is(rules.rules[0].glob, "/a b", "an escape");
	is(rules.rules[0].text, "cgroup /a\\040b id 1 name a # one", "its text");
	ok(rules.rules[0].line == 3, "its line");
	is(rules.rules[1].glob, "b.service", "the second is the directory's");
	ok(!rules_keep(&rules, path, other), "a copy");
	rules_free(&rules);
	ok(!rules_load_kept(&rules, path, other, NULL, NULL, &err) && rules.nrules == 2, "of both rules");
	is(rules.rules[1].file, more_file, "with their files");
	is(rules.rules[0].text, "cgroup /a\\040b id 1 name a # one", "and texts");
	ok(rules.rules[0].line == 3, "and lines");
	rules_free(&rules);
	ok(rules_load_kept(&rules, more_file, other, NULL, NULL, &err) == -EINVAL, "not of another file");
	rules_free(&rules);
	*complaints = '\0';
	snprintf(copy, sizeof(copy), "%s\n7 %s process user gone-user container web\n",
		 path, path);
	put(other, copy);
	ok(rules_load_kept(&rules, path, other, NULL, NULL, &err),
	   "nor one with a user who is not there");
	rules_free(&rules);
	ok(!rules_load_kept(&rules, path, other, collect, NULL, &err) &&
	   rules.processes.count == 1, "unless somebody is told");
	has(complaints, "c.conf:7: no user \"gone-user\" any more: the rule is about nobody",
	    "which one");
	ok(rules.processes.rules[0].uid == (uid_t)-1, "which nobody is");
	rules_free(&rules);
	unlink(more_file);
	unlink(other);
	rmdir(more);
	unlink(path);
	ok(rules_load(&rules, path, NULL, NULL, &err) == -ENOENT, "no file");
	has(err.text, "cannot open", "is said");
	rules_free(&rules);
}

/* As what writes it may leave it, when it fails or the disk is full. */
static void test_empty(void)
{
	static const char complaint[] =
		"c.conf is empty: write a comment into it if it is to have no rules";
	struct rules rules;
	struct ctid_err err;

	put(path, "");
	ok(rules_load(&rules, path, collect, NULL, &err) == -EINVAL, "an empty file");
	has(err.text, complaint, "is refused");
	rules_free(&rules);
	good("# none\n", "one with a comment has no rules");
	mkdir(more, 0700);
	put(more_file, "unit b.service none\n");
	put(path, "");
	ok(rules_load(&rules, path, collect, NULL, &err) == -EINVAL,
	   "nor may it be empty with rules beside it");
	has(err.text, complaint, "which is said");
	rules_free(&rules);
	put(more_file, "");
	good("# none\n", "an empty file beside it has no rules");
	unlink(more_file);
	rmdir(more);
	unlink(path);
}

static void kind(const char *cgroup, enum subject_kind want, const char *id,
		 const char *name, const char *unit)
{
	struct subject subject;

	ok(!subject_init(&subject, cgroup, true) && subject.kind == want, cgroup);
	is(subject.id, id, "its id");
	is(subject.name, name, "its name");
	is(subject.unit, unit, "its unit");
	subject_clean(&subject);
}

static void test_paths(void)
{
	struct subject subject;

	kind("/", SUBJECT_PLAIN, NULL, NULL, NULL);
	kind("/system.slice/web.service", SUBJECT_PLAIN, NULL, NULL, "web.service");
	kind("/system.slice/_cpu.service", SUBJECT_PLAIN, NULL, NULL, "cpu.service");
	kind("/system.slice/web.service/x.service", SUBJECT_PLAIN, NULL, NULL, NULL);
	kind("/system.slice/docker-" ID ".scope", SUBJECT_DOCKER, ID, NULL,
	     "docker-" ID ".scope");
	kind("/docker/" ID, SUBJECT_DOCKER, ID, NULL, NULL);
	kind("/docker/" ID "a", SUBJECT_PLAIN, NULL, NULL, NULL);
	kind("/machine.slice/libpod-" ID ".scope", SUBJECT_PODMAN, ID, NULL,
	     "libpod-" ID ".scope");
	kind("/machine.slice/libpod-conmon-" ID ".scope", SUBJECT_PLAIN, NULL, NULL,
	     "libpod-conmon-" ID ".scope");
	kind("/system.slice/q.service/libpod-payload-" ID, SUBJECT_PODMAN, ID, NULL,
	     NULL);
	kind("/x.service/docker-" ID ".scope", SUBJECT_PLAIN, NULL, NULL, NULL);
	kind("/x.service/docker/" ID, SUBJECT_PLAIN, NULL, NULL, NULL);
	kind("/x.service/libpod-" ID ".scope", SUBJECT_PLAIN, NULL, NULL, NULL);
	kind("/x.scope/kubepods/pod" UID, SUBJECT_PLAIN, NULL, NULL, NULL);
	kind("/x.scope/lxc.payload.web", SUBJECT_PLAIN, NULL, NULL, NULL);
	kind("/system.slice/lxc@web.service/lxc.payload.web", SUBJECT_LXC, NULL,
	     "web", NULL);
	kind("/system.slice/lxc@web.service/lxc.payload.db", SUBJECT_PLAIN, NULL,
	     NULL, NULL);
	kind("/system.slice/lxc@web.service/x/lxc.payload.web", SUBJECT_PLAIN, NULL,
	     NULL, NULL);
	kind("/x.scope/lxc@web.service/lxc.payload.web", SUBJECT_PLAIN, NULL, NULL,
	     NULL);
	kind("/lxc.payload.web", SUBJECT_LXC, NULL, "web", NULL);
	kind("/lxc.monitor.web", SUBJECT_PLAIN, NULL, NULL, NULL);
	kind("/machine.slice/machine-a\\x2db.scope", SUBJECT_MACHINE, NULL, "a-b",
	     "machine-a\\x2db.scope");
	kind("/machine.slice/a\\x2db.scope", SUBJECT_MACHINE, NULL, "a-b",
	     "a\\x2db.scope");
	kind("/system.slice/a.scope", SUBJECT_PLAIN, NULL, NULL, "a.scope");
	kind("/machine.slice/systemd-nspawn@web.service", SUBJECT_MACHINE, NULL,
	     "web", "systemd-nspawn@web.service");
	kind("/system.slice/x.service/machine-a.scope", SUBJECT_PLAIN, NULL, NULL, NULL);
	kind("/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" UID ".slice",
	     SUBJECT_POD, "11111111-2222-3333-4444-555555555555", NULL,
	     "kubepods-burstable-pod" UID ".slice");
	kind("/kubepods/besteffort/pod" UID, SUBJECT_POD,
	     "11111111-2222-3333-4444-555555555555", NULL, NULL);
	kind("/kubepods.slice/kubepods-burstable.slice", SUBJECT_PLAIN, NULL, NULL,
	     "kubepods-burstable.slice");
	kind("/x/pod" UID, SUBJECT_PLAIN, NULL, NULL, NULL);

	ok(!subject_init(&subject, "/docker/" ID, false) &&
	   subject.kind == SUBJECT_PLAIN, "a name that is not root's tells nothing");
	subject_clean(&subject);
}

/* What the first rule of a text says of a cgroup, and why. */
static enum rule_match match(const char *text, struct subject *subject,
			     struct ctid_err *why)
{
	enum rule_match result;
	struct rules rules;

	why->text[0] = '\0';
	if (load(&rules, text) || rules.nbad) {
		rules_free(&rules);
		return RULE_NO;
	}
	result = rule_match(&rules.rules[0], subject, why);
	rules_free(&rules);
	return result;
}

static void test_match(void)
{
	static const char answer[] =
		"{\"Name\":\"/web-1\",\"Config\":{\"Image\":\"nginx:1\",\"Labels\":"
		"{\"tier\":\"front\",\"a=b\":\"c\",\"empty\":\"\"}}}";
	static const char with_nul[] =
		"{\"Name\":\"/web-1\",\"Config\":{\"Image\":\"nginx\\u0000\",\"Labels\":"
		"{\"a\":\"b\\u0000c\",\"tier\":\"front\"}},\"Log\":\"\\u0000\"}";
	struct subject plain, docker;
	struct ctid_err why;

	subject_init(&plain, "/a/b", true);
	ok(match("cgroup /a/* id 1\n", &plain, &why) == RULE_YES, "a path");
	ok(match("cgroup /* id 1\n", &plain, &why) == RULE_NO, "* is one name");
	is(why.text, "path \"/a/b\" does not match /*", "why");
	ok(match("unit b.service id 1\n", &plain, &why) == RULE_NO, "no unit");
	is(why.text, "it is no unit", "why");
	ok(match("docker * id 1\n", &plain, &why) == RULE_NO, "no container");
	is(why.text, "it is no Docker container", "why");
	subject_clean(&plain);

	subject_init(&docker, "/docker/" ID, true);
	ok(match("docker * id 1\n", &docker, &why) == RULE_YES, "any container");
	ok(match("docker web* id 1\n", &docker, &why) == RULE_WAIT, "its name is to come");
	ok(match("docker * range 1-2\n", &docker, &why) == RULE_WAIT, "a range needs it");
	ok(match("docker * label tier id 1\n", &docker, &why) == RULE_WAIT, "labels, too");
	ok(!runtime_answer(&docker, &none, answer, strlen(answer)), "the runtime's answer");
	is(docker.name, "web-1", "its name");
	ok(match("docker web* id 1\n", &docker, &why) == RULE_YES, "a name");
	ok(match("docker db id 1\n", &docker, &why) == RULE_NO, "another name");
	is(why.text, "name \"web-1\" does not match db", "why");
	ok(match("docker * image nginx:* label tier=f* id 1\n", &docker, &why) == RULE_YES,
	   "image and label");
	ok(match("docker * label tier=back id 1\n", &docker, &why) == RULE_NO, "another label");
	is(why.text, "label tier \"front\" does not match back", "why");
	ok(match("docker * label a=b id 1\n", &docker, &why) == RULE_NO,
	   "a label's key is no other label's value");
	is(why.text, "it has no label a", "why");
	ok(match("docker * label empty id 1\n", &docker, &why) == RULE_YES, "an empty label");
	subject_clean(&docker);

	subject_init(&docker, "/docker/" ID, true);
	ok(!runtime_answer(&docker, &none, with_nul, strlen(with_nul)) &&
	   docker.nlabels == 1 && !docker.image, "strings with NUL bytes are left out");
	is(docker.labels[0], "tier=front", "and others are not");
	subject_clean(&docker);

	subject_init(&docker, "/docker/" ID, true);
	ok(runtime_answer(&docker, &none, "{\"Name\":\"a\\u0000b\"}", 19) == -EPROTO,
	   "a name with one is none");
	ok(runtime_answer(&docker, &none, "{", 1) == -EPROTO, "no JSON");
	ok(runtime_answer(&docker, &none, "{}", 2) == -EPROTO, "no name");
	docker.told = TOLD_BADLY;
	ok(match("docker web* id 1\n", &docker, &why) == RULE_WAIT,
	   "who is told badly of is not unknown");
	docker.told = TOLD_NONE;
	ok(match("docker web* id 1\n", &docker, &why) == RULE_NO, "nobody knows it");
	subject_clean(&docker);
}

/* An answer with a label that is long, a hundred more, and those that rules name. */
static int answer_many(struct subject *subject, const struct labels *labels)
{
	char answer[4096], *to = answer;
	int i;

	to += sprintf(to, "{\"Name\":\"/web\",\"Config\":{\"Labels\":{\"long\":\"%0300d\"", 0);
	for (i = 0; i < 100; i++)
		to += sprintf(to, ",\"l%d\":\"\"", i);
	to += sprintf(to, ",\"tier\":\"%0300d\",\"app\":\"web\",\"t\":\"x\"}}}", 1);
	return runtime_answer(subject, labels, answer, (size_t)(to - answer));
}

/* An image may have any number: those that no rule names are not kept, but for a few. */
static void test_labels(void)
{
	struct labels labels;
	struct subject docker;
	struct rules rules;

	load(&rules, "docker * label tier=*1 label app id 1\nunit x id 2\n"
		     "pod * label tier id 3\npodman * label a=b image c id 4\n");
	ok(!labels_named(&labels, &rules) && labels.n == 4, "labels that rules name");
	is(labels.keys[0], "a", "in order");
	is(labels.keys[3], "tier", "of all rules");
	subject_init(&docker, "/docker/" ID, true);
	ok(!answer_many(&docker, &labels) && docker.nlabels == SUBJECT_OTHERS + 2,
	   "of others few are kept");
	is(docker.labels[0], "l0=", "and none that is long");
	has(docker.labels[SUBJECT_OTHERS], "tier=000", "one that a rule names may be");
	is(docker.labels[SUBJECT_OTHERS + 1], "app=web", "and is kept, wherever it is");
	ok(rule_match(&rules.rules[0], &docker, NULL) == RULE_YES, "so that the rule sees it");
	subject_forget(&docker);
	ok(!answer_many(&docker, &none) && docker.nlabels == SUBJECT_OTHERS,
	   "where no rule names one, a few for people");
	subject_clean(&docker);
	labels_free(&labels);
	rules_free(&rules);
}

/* Who made it tells more than the directory of its logs. */
static void test_names(void)
{
	struct subject pod;
	struct ctid_err why;

	subject_init(&pod, "/kubepods/pod" UID, true);
	ok(match("pod * label tier=front id 1\n", &pod, &why) == RULE_WAIT,
	   "nothing is known of a pod");
	pod.told = TOLD_NAMES;
	pod.name = strdup("web");
	pod.namespace = strdup("shop");
	subject_trouble(&pod, "nobody %s", "knows");
	ok(match("pod web namespace shop id 1\n", &pod, &why) == RULE_YES, "its names");
	ok(match("pod db label tier=front id 1\n", &pod, &why) == RULE_NO, "another name");
	ok(match("pod web label tier=front id 1\n", &pod, &why) == RULE_WAIT,
	   "its labels are to come");
	is(why.text, "waits for its labels: nobody knows", "why");
	ok(match("pod * range 1-2 name pod-%n\n", &pod, &why) == RULE_YES,
	   "a range has its name");
	ok(!subject_add_label(&pod, "tier", "front") && !subject_add_label(&pod, "a=b", "c") &&
	   pod.nlabels == 1, "a label, and one that is none");
	pod.told = TOLD_ALL;
	ok(match("pod web label tier=front id 1\n", &pod, &why) == RULE_YES, "its label");
	ok(match("pod web label a id 1\n", &pod, &why) == RULE_NO, "that is not the other one");
	subject_clean(&pod);
}

/* What somebody can have made below a unit is Podman's if that says so. */
static void test_split(void)
{
	static const char form[] =
		"{\"Name\":\"web\",\"Config\":{},\"State\":{\"CgroupPath\":\"%s\"}}";
	static const char *const places[][2] = {
		{ "/q.service/libpod-payload-" ID, "yes" },
		{ "/q.service/libpod-payload-" ID "/init.scope", "yes" },
		{ "/q.service/libpod-payload-" ID "a", NULL },
		{ "/q.service", NULL },
		{ "/p.service/libpod-payload-" ID, NULL },
		{ "", NULL },
	};
	struct subject subject;
	struct ctid_err why;
	char answer[512];
	size_t i;

	for (i = 0; i < sizeof(places) / sizeof(*places); i++) {
		subject_init(&subject, "/q.service/libpod-payload-" ID, true);
		ok(match("podman * id 1\n", &subject, &why) == RULE_WAIT, "it is asked");
		snprintf(answer, sizeof(answer), form, places[i][0]);
		ok(runtime_answer(&subject, &none, answer, strlen(answer)) ==
		   (places[i][1] ? 0 : -ENOENT), places[i][0]);
		ok(match("podman * id 1\n", &subject, &why) ==
		   (places[i][1] ? RULE_YES : RULE_WAIT), "and so it is, or not");
		subject_clean(&subject);
	}
	subject_init(&subject, "/machine.slice/libpod-" ID ".scope", true);
	ok(!runtime_answer(&subject, &none, answer, strlen(answer)),
	   "elsewhere only root makes one");
	snprintf(answer, sizeof(answer), form, "/x");
	subject_forget(&subject);
	ok(runtime_answer(&subject, &none, answer, strlen(answer)) == -ENOENT,
	   "which is another one, though, where Podman has it in another place");
	subject_clean(&subject);
}

static void test_reach(void)
{
	struct rule rule = { .glob = "/a/b*/c" };
	const struct rules rules = { .rules = &rule, .nrules = 1 };

	ok(rule_reaches_below(&rule, "/", 0), "all paths are below the top");
	ok(rule_reaches_below(&rule, "/a", 1), "/a");
	ok(rule_reaches_below(&rule, "/a/b1", 2), "/a/b1");
	ok(!rule_reaches_below(&rule, "/a/c", 2), "not /a/c");
	ok(!rule_reaches_below(&rule, "/a/b1/c", 3), "not itself");
	ok(!rule_reaches_below(&rule, "/a/b1/c/d", 4), "nor below it");
	ok(rules_reach(&rules, "/a/b1/c"), "a rule is about it");
	ok(rules_reach(&rules, "/a/b1"), "or about what is in it");
	ok(!rules_reach(&rules, "/a/b1/d"), "and not about what is beside it");
	ok(!rules_reach(&rules, "/a/b1/c/d"), "nor about what is in that");
	ok(subject_is_in_unit("/a.slice/b.scope") &&
	   subject_is_in_unit("/b.service/c"), "in a service or a scope");
	ok(!subject_is_in_unit("/a.slice/b") && !subject_is_in_unit("/"),
	   "and not in one");
}

int main(void)
{
	if (!mkdtemp(dir))
		return 1;
	snprintf(path, sizeof(path), "%s/c.conf", dir);
	snprintf(more, sizeof(more), "%s/c.conf.d", dir);
	snprintf(more_file, sizeof(more_file), "%s/10.conf", more);
	test_bad();
	test_files();
	test_empty();
	test_paths();
	test_match();
	test_labels();
	test_names();
	test_split();
	test_reach();
	unlink(path);
	rmdir(dir);
	return tap_done();
}
