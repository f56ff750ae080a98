// SPDX-License-Identifier: GPL-2.0-only
/* Files that are replaced: whose they are then, and that nothing is lost. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "file.h"
#include "tap.h"

static char directory[] = "/tmp/test_file.XXXXXX";
static char path[sizeof(directory) + 8];

static void write_text(FILE *out, void *data)
{
	fputs(data, out);
}

static int replace(const char *text)
{
	return file_replace(path, 10, write_text, (void *)text);
}

static void is_text(const char *want, const char *what)
{
	struct ctid_err err;
	char *text;
	size_t len;

	ok(!file_read(path, 10, &text, &len, &err), "it can be read");
	is(text, want, what);
	free(text);
}

static void is_mode(mode_t want, const char *what)
{
	struct stat st;

	ok(!lstat(path, &st) && S_ISREG(st.st_mode) &&
	   (st.st_mode & 07777) == want, what);
}

static void test_mode(void)
{
	umask(027);
	ok(!replace("new"), "a new file");
	is_mode(0644, "can be read by all");
	chmod(path, 0600);
	ok(!replace("again"), "a private one");
	is_mode(0600, "stays private");
	is_text("again", "and has what was written");
	chmod(path, 0664);
	ok(!replace("shared"), "one that a group may write");
	is_mode(0664, "stays so");
}

/* It takes root to have files of others, and to be one who cannot give them away. */
static void test_owner(void)
{
	struct stat st;

	if (chown(path, 1, 2)) {
		ok(true, "an owner # SKIP not root");
		return;
	}
	ok(!replace("theirs") && !stat(path, &st) && st.st_uid == 1 &&
	   st.st_gid == 2, "another owner and group are kept");
	is_mode(0664, "with the mode");
	if (chown(directory, 3, 3) || setegid(3) || seteuid(3)) {
		ok(false, "root can be somebody else");
		return;
	}
	ok(!replace("ours") && !stat(path, &st) && st.st_uid == 3 &&
	   st.st_gid == 3, "who cannot give files away replaces it all the same");
	is_mode(0604, "and his group has nothing of what that group had");
	ok(!seteuid(0) && !setegid(0), "and root again");
}

/* Version 2 of them; of each who: what kind, which rights, which id. */
static const char acl[] =
	"\2\0\0\0"
	"\1\0" "\6\0" "\377\377\377\377"	/* the owner: rw- */
	"\2\0" "\4\0" "\4\0\0\0"		/* the user 4: r-- */
	"\4\0" "\0\0" "\377\377\377\377"	/* the group: --- */
	"\20\0" "\4\0" "\377\377\377\377"	/* at most: r-- */
	"\40\0" "\0\0" "\377\377\377\377";	/* others: --- */
#define ACL_SIZE	(sizeof(acl) - 1)

static bool has_acl(void)
{
	char now[2 * ACL_SIZE];

	return getxattr(path, "system.posix_acl_access", now, sizeof(now)) ==
		(ssize_t)ACL_SIZE && !memcmp(now, acl, ACL_SIZE);
}

static void test_acl(void)
{
	unlink(path);
	ok(!replace("new"), "a new file");
	if (setxattr(path, "system.posix_acl_access", acl, ACL_SIZE, 0)) {
		ok(errno == EOPNOTSUPP, "an ACL # SKIP not in /tmp here");
		return;
	}
	is_mode(0640, "of a further user");
	ok(!replace("again") && has_acl(), "who stays one");
	is_mode(0640, "with that mode");
	ok(!removexattr(path, "system.posix_acl_access") && !chmod(path, 0640) &&
	   !setxattr(directory, "system.posix_acl_default", acl, ACL_SIZE, 0),
	   "one that could have inherited such");
	ok(!replace("more") && !has_acl(), "has not");
	ok(getxattr(path, "system.posix_acl_access", NULL, 0) < 0 &&
	   errno == ENODATA, "nor another");
	is_mode(0640, "but its mode");
	removexattr(directory, "system.posix_acl_default");
}

static void test_failure(void)
{
	ok(replace("longer than ten") == -EFBIG, "too long");
	ok(!replace("short"), "short");
	ok(replace("longer than ten") == -EFBIG, "too long again");
	is_text("short", "the file is as it was");
	unlink(path);
	ok(!symlink("/etc/hostname", path) && !replace("plain"), "a link");
	is_mode(0644, "becomes a file, and has not the mode of a link");
	unlink(path);
}

static void test_name(void)
{
	struct ctid_err err;
	size_t len;
	char *text;

	ok(file_read("/", 10, &text, &len, &err) == -EISDIR, "a directory");
	is(err.text, "cannot read /: Is a directory", "is named");
	free(text);
	ok(!dup2(open("/", O_RDONLY), STDIN_FILENO), "standard input");
	ok(file_read("-", 10, &text, &len, &err) == -EISDIR, "that is one");
	is(err.text, "cannot read <stdin>: Is a directory", "is named, too");
	free(text);
}

int main(void)
{
	if (!mkdtemp(directory)) {
		perror(directory);
		return 1;
	}
	snprintf(path, sizeof(path), "%s/file", directory);
	test_mode();
	test_owner();
	test_acl();
	test_failure();
	test_name();
	rmdir(directory);
	return tap_done();
}
