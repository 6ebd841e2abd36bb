/* The walk is depth first over a list of directories, so that only one of them is open at a time. */
#define _POSIX_C_SOURCE 200809L
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct pending_directory {
    pending_directory *next;
    char path[];
};

static int push(tree *t, const char *path) {
    const size_t size = strlen(path) + 1;
    pending_directory *directory = malloc(sizeof *directory + size);
    if (directory == NULL) return ENOMEM;
    memcpy(directory->path, path, size);
    directory->next = t->pending;
    t->pending = directory;
    return 0;
}

int tree_begin(tree *t, const char *path) {
    struct stat about;
    if (stat(path, &about) != 0) return errno;
    if (!S_ISDIR(about.st_mode)) return ENOTDIR;
    return push(t, path);
}

/* Opens the directory in t->path. Only the first may be a symbolic link: the user named it. */
static int open_directory(tree *t, int is_first) {
    const int no_link = is_first ? 0 : O_NOFOLLOW;
    const int fd = open(t->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | no_link);
    if (fd < 0) return errno;
    t->open = fdopendir(fd);
    if (t->open != NULL) return 0;
    const int error = errno;
    close(fd);
    return error;
}

static int open_next(tree *t) {
    pending_directory *directory = t->pending;
    t->pending = directory->next;
    size_t length = strlen(directory->path);
    const int is_first = t->folder_length == 0;
    const int is_too_long = length + 2 > sizeof t->path;
    if (!is_too_long) memcpy(t->path, directory->path, length + 1);
    free(directory);
    if (is_too_long) return ENAMETOOLONG;
    const int error = open_directory(t, is_first);
    if (t->path[length - 1] != '/') t->path[length++] = '/';
    t->path[length] = '\0';
    t->folder_length = length;
    return error;
}

/* 1: t->path is a regular file. 0: nothing for the caller. Else -1. */
static int look_at(tree *t, const char *name, int *error) {
    struct stat about;
    const size_t size = strlen(name) + 1;
    if (t->folder_length + size > sizeof t->path) {
        *error = ENAMETOOLONG;
        return -1;
    }
    memcpy(t->path + t->folder_length, name, size);
    *error = fstatat(dirfd(t->open), name, &about, AT_SYMLINK_NOFOLLOW) == 0 ? 0 : errno;
    if (*error == 0 && S_ISDIR(about.st_mode)) *error = push(t, t->path);
    if (*error != 0) return -1;
    return S_ISREG(about.st_mode);
}

int tree_next(tree *t, int *error) {
    for (;;) {
        if (t->open == NULL) {
            if (t->pending == NULL) return 0;
            *error = open_next(t);
            if (*error != 0 || t->open == NULL) return -1;
        }
        errno = 0;
        const struct dirent *entry = readdir(t->open);
        if (entry == NULL) {
            *error = errno;
            closedir(t->open);
            t->open = NULL;
            t->path[t->folder_length] = '\0';
            if (*error != 0) return -1;
        } else if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            const int found = look_at(t, entry->d_name, error);
            if (found != 0) return found;
        }
    }
}

void tree_end(tree *t) {
    while (t->pending != NULL) {
        pending_directory *directory = t->pending;
        t->pending = directory->next;
        free(directory);
    }
    if (t->open != NULL) closedir(t->open);
    t->open = NULL;
}
