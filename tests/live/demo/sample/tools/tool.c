/* `rm FILE…` and `chmod MODE FILE…` in a few kilobytes: an image that starts from nothing has neither.
 * Linux on x86-64, no libc. */
#include <sys/syscall.h>

static long call(long number, long first, long second) {
    long result;
    __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(first), "S"(second) : "rcx", "r11", "memory");
    return result;
}

static int is_chmod(const char *name) {
    const char *last = name;
    for (; *name; name++)
        if (*name == '/') last = name + 1;
    return *last == 'c';
}

__attribute__((used)) static void run(long *stack) {
    long count = stack[0], failed = 0, mode = 0, first = 1;
    char **arguments = (char **)(stack + 1);
    int chmod = is_chmod(arguments[0]);
    if (chmod && count > 1) {
        for (const char *digit = arguments[1]; *digit; digit++) mode = mode * 8 + (*digit - '0');
        first = 2;
    }
    for (long index = first; index < count; index++) {
        long path = (long)arguments[index];
        failed |= (chmod ? call(SYS_chmod, path, mode) : call(SYS_unlink, path, 0)) != 0;
    }
    call(SYS_exit, failed, 0);
    __builtin_unreachable();
}

__asm__(".globl _start\n_start: mov %rsp, %rdi\n and $-16, %rsp\n call run\n");
