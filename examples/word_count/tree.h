/* Walks a directory tree, one path at a time, without following symbolic links. */
#ifndef TREE_H
#define TREE_H

#include <dirent.h>
#include <limits.h>
#include <stddef.h>

typedef struct pending_directory pending_directory;

/* Starts as zeroes. Holds the directories not yet listed, and at most one open one. */
typedef struct tree {
    pending_directory *pending;
    DIR *open;
    size_t folder_length; /* of path, with the slash */
    char path[PATH_MAX];
} tree;

/* 0, or an errno. */
int tree_begin(tree *t, const char *path);
/* 1: t->path is a regular file. 0: that was all. -1: t->path cannot be listed or named, *error tells
 * why, and the walk goes on. */
int tree_next(tree *t, int *error);
void tree_end(tree *t);

#endif
