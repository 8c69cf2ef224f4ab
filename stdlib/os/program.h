// program.h: what the command tells package os before a program runs.
#ifndef CSP_STDLIB_OS_PROGRAM_H
#define CSP_STDLIB_OS_PROGRAM_H

// os.Args; argv[0] is the program's file. Not copied.
void os_set_args(int argc, char **argv);

#endif
