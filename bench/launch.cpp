// launch CORE RESULT PROGRAM [ARGUMENT...]: runs a program on one core (-1: any) and writes what it
// cost to the file RESULT: user and system time in microseconds, peak resident KiB, wait status.
// The kernel counts the memory of the process that forks into the peak of the child, up to its
// exec; so the one that forks has to be smaller than anything measured, and Python is not. It
// writes its child's process id to standard output first.
#include <sched.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

int main(int argc, char** argv) {
  if (argc < 4) return 2;
  const int core = std::atoi(argv[1]);
  const pid_t child = fork();
  if (child == 0) {
    if (core >= 0) {
      cpu_set_t set;
      CPU_ZERO(&set);
      CPU_SET(core, &set);
      sched_setaffinity(0, sizeof set, &set);
    }
    dup2(2, 1);  // standard output of the program goes where its errors go
    execvp(argv[3], argv + 3);
    _exit(127);
  }
  if (child < 0) return 1;
  std::printf("%d\n", child);
  std::fflush(stdout);
  int status = 0;
  rusage used{};
  if (wait4(child, &status, 0, &used) != child) return 1;
  FILE* out = std::fopen(argv[2], "w");
  if (out == nullptr) return 1;
  std::fprintf(out, "%lld %lld %ld %d\n", used.ru_utime.tv_sec * 1000000LL + used.ru_utime.tv_usec,
               used.ru_stime.tv_sec * 1000000LL + used.ru_stime.tv_usec, used.ru_maxrss, status);
  return std::fclose(out) == 0 ? 0 : 1;
}
