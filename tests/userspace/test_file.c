// SPDX-License-Identifier: GPL-2.0-only
/* Files that are replaced: whose they are then, and that nothing is lost. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/types.h>
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
	test_failure();
	test_name();
	rmdir(directory);
	return tap_done();
}
