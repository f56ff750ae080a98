// SPDX-License-Identifier: GPL-2.0-only
/*
 * A PAM module: a session begins in the container that the rules name for its
 * user and groups, before anything of the user's runs. The user has no say.
 */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include <security/pam_ext.h>
#include <security/pam_modules.h>
#include <security/pam_modutil.h>

#include "classify.h"
#include "ctid/ctid.h"
#include "ctid/put.h"

#define EXPORTED	__attribute__((visibility("default")))

#define BIT(n)		(1U << (n))

/** Where systemd-logind keeps all that a user runs. */
#define USER_SLICE	"/user.slice/user-%u.slice"

/**
 * struct session - a session that begins
 * @pamh: for messages
 * @conf: the file with the rules, if the service names one
 * @lenient: let it begin even if it cannot be put where it belongs
 * @user: whose it is
 * @rules: the rules
 * @facts: what is known of it
 * @reg: the registry
 * @mount: where cgroups are
 */
struct session {
	pam_handle_t *pamh;
	const char *conf;
	bool lenient;
	const struct passwd *user;
	struct classify rules;
	struct classify_facts facts;
	struct registry reg;
	struct cgroup_mount mount;
};

static bool take_options(struct session *session, int argc, const char **argv)
{
	bool good = true;
	int i;

	for (i = 0; i < argc; i++) {
		if (!strcmp(argv[i], "lenient")) {
			session->lenient = true;
		} else if (!strncmp(argv[i], "conf=", 5)) {
			session->conf = argv[i] + 5;
		} else {
			pam_syslog(session->pamh, LOG_ERR,
				   "no option \"%s\": there are lenient and conf=FILE",
				   argv[i]);
			good = false;
		}
	}
	return good;
}

/* The groups that login(1) and its like give the session, or gave it. */
static int take_groups(struct session *session)
{
	struct classify_facts *facts = &session->facts;
	int room = 64, count;
	gid_t *bigger;

	for (;;) {
		bigger = reallocarray(facts->groups, (size_t)room,
				      sizeof(*bigger));
		if (!bigger)
			return -ENOMEM;
		facts->groups = bigger;
		count = room;
		if (getgrouplist(session->user->pw_name, session->user->pw_gid,
				 facts->groups, &count) >= 0)
			break;
		room = count > room ? count : room * 2;
		if (room > 1 << 20)
			return -E2BIG;
	}
	facts->ngroups = (size_t)count;
	return 0;
}

static int take_facts(struct session *session, struct ctid_err *err)
{
	int ret = take_groups(session);

	if (ret)
		return err_set(err, -ret, "cannot read the user's groups: %s",
			       strerror(-ret));
	session->facts.uid = session->user->pw_uid;
	session->facts.gid = session->user->pw_gid;
	session->facts.owner_name = "";
	session->facts.known = BIT(CLASSIFY_USER) | BIT(CLASSIFY_GROUP);
	return 0;
}

/*
 * If systemd-logind keeps a slice for the user, the session and the user's
 * manager are below it, where they have to stay, and it is bound. Only this very
 * path: others a user could have made. NULL if it is not there.
 */
static char *slice_of(struct session *session)
{
	size_t len = sizeof(USER_SLICE) + 10;
	struct ctid_err err;
	char *path = NULL;
	struct stat st;
	char *slice;
	int fd;

	slice = malloc(len);
	if (!slice)
		return NULL;
	len = (size_t)snprintf(slice, len, USER_SLICE, session->facts.uid);
	fd = cgroup_of_pid(&session->mount, "self", &err);
	if (fd >= 0 && !fstat(fd, &st))
		cgroup_path(&session->mount, st.st_ino, &path);
	if (fd >= 0)
		close(fd);
	if (!path || strncmp(path, slice, len) != 0 ||
	    (path[len] && path[len] != '/')) {
		free(slice);
		slice = NULL;
	}
	free(path);
	return slice;
}

static int check_owner(struct session *session, const struct put *put,
		       struct ctid_err *err)
{
	struct registry_msg owner;
	int ret;

	ret = put_owner(&session->reg, &session->mount, &session->facts, "self",
			&owner, err);
	if (!ret && owner.id != put->container.id)
		ret = err_set(err, EAGAIN,
			      "the session is in container %u and not in %u: is a cgroup between %s and the session bound?",
			      owner.id, put->container.id, put->path);
	/* It pointed to what ends here. */
	session->facts.owner_name = "";
	return ret;
}

static int put_session(struct session *session,
		       const struct classify_rule *rule, struct ctid_err *err)
{
	char *slice = rule->cgroup ? NULL : slice_of(session);
	struct put put;
	int ret, fd;

	ret = put_where(&put, &session->reg, rule, err);
	if (!ret) {
		if (slice)
			put.path = slice;
		fd = put_prepare(&put, &session->reg, &session->mount, err);
		ret = fd < 0 ? fd : 0;
		if (!ret && !slice)
			ret = enter_move(fd, put.path, 0, err);
		if (fd >= 0)
			close(fd);
	}
	if (!ret)
		ret = check_owner(session, &put, err);
	if (!ret)
		pam_syslog(session->pamh, LOG_INFO,
			   "%s: container %s by %s:%u, cgroup %s",
			   session->user->pw_name, rule->container, rule->file,
			   rule->line, put.path);
	free(slice);
	return ret;
}

/* Without a rule about the user, nothing more is looked at. */
static int open_it(struct session *session, struct ctid_err *err)
{
	const struct classify_rule *rule;
	struct registry_msg owner;
	int ret;

	ret = take_facts(session, err);
	if (ret || !classify_find(&session->rules, &session->facts))
		return ret;
	ret = registry_open(&session->reg, err);
	if (!ret)
		ret = cgroup_mount_open(&session->mount, err);
	if (!ret)
		ret = put_owner(&session->reg, &session->mount, &session->facts,
				"self", &owner, err);
	if (ret)
		return ret;
	rule = classify_find(&session->rules, &session->facts);
	if (!rule || classify_is_owner(&session->facts, rule->container))
		return 0;
	return put_session(session, rule, err);
}

static void complain(void *data, const char *text)
{
	const struct session *session = data;

	pam_syslog(session->pamh, LOG_ERR, "%s", text);
}

/* It says what is wrong. */
static int take_rules(struct session *session)
{
	const char *conf = session->conf ? session->conf : CTID_CONF;
	struct stat st;

	/* Misspelt, or gone: none of its rules would be followed. A link to nothing is no
	 * absence, either: what it led to may come back.
	 */
	if (session->conf || !lstat(conf, &st))
		return classify_load_named(&session->rules, conf, complain,
					   session);
	if (errno == ENOENT)
		pam_syslog(session->pamh, LOG_NOTICE,
			   CTID_CONF " is not there: rules are those of " CTID_CONF ".d only");
	return classify_load(&session->rules, conf, complain, session);
}

/*
 * Root's sessions begin whatever is wrong: somebody has to mend it, and root
 * could leave any container.
 */
static int judge(const struct session *session, int ret)
{
	if (!ret)
		return PAM_SUCCESS;
	if (!session->lenient && session->user->pw_uid)
		return PAM_SESSION_ERR;
	pam_syslog(session->pamh, LOG_WARNING,
		   "%s's session begins outside of its container: %s",
		   session->user->pw_name,
		   session->user->pw_uid ? "lenient" : "it is root's");
	return PAM_SUCCESS;
}

/**
 * pam_sm_open_session() - put the calling process into its user's container
 * @pamh: PAM handle
 * @flags: PAM flags
 * @argc: number of arguments in the service's file
 * @argv: the arguments
 *
 * Return: a PAM status.
 */
EXPORTED int pam_sm_open_session(pam_handle_t *pamh, int flags, int argc,
				 const char **argv)
{
	struct session session = { .pamh = pamh, .mount.fd = -1 };
	const char *name = NULL;
	struct ctid_err err;
	int ret;

	(void)flags;
	if (pam_get_user(pamh, &name, NULL) != PAM_SUCCESS || !name || !*name)
		return PAM_USER_UNKNOWN;
	session.user = pam_modutil_getpwnam(pamh, name);
	if (!session.user)
		return PAM_USER_UNKNOWN;
	if (!take_options(&session, argc, argv))
		return judge(&session, -EINVAL);

	ret = take_rules(&session);
	if (!ret) {
		ret = open_it(&session, &err);
		if (ret)
			pam_syslog(pamh, LOG_ERR, "%s: %s", name, err.text);
	}
	cgroup_mount_close(&session.mount);
	registry_close(&session.reg);
	classify_facts_clear(&session.facts);
	classify_free(&session.rules);
	return judge(&session, ret);
}

/**
 * pam_sm_close_session() - the end of a session
 * @pamh: PAM handle
 * @flags: PAM flags
 * @argc: number of arguments in the service's file
 * @argv: the arguments
 *
 * What the user left running stays in the container.
 *
 * Return: PAM_SUCCESS.
 */
EXPORTED int pam_sm_close_session(pam_handle_t *pamh, int flags, int argc,
				  const char **argv)
{
	(void)pamh;
	(void)flags;
	(void)argc;
	(void)argv;
	return PAM_SUCCESS;
}
