// open_loop PORT RATE SECONDS [late]: the least that a client of an open schedule has to ask of the kernel. Sleeps
// until the next user is due, opens a connection, sends one GET, sleeps until the answer is there, reads it, closes;
// one user at a time, no histogram, no script, nothing checked but that an answer came. With `late` it does not sleep
// for the answer but looks for it, and closes, when it has sent the next user's request: one sleep a user. What it
// costs beyond that is the machine's: one or two wake-ups of this process and as many of the server for each user.
// Prints the answers.
#include <arpa/inet.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

// Whether the answer came; the connection is closed.
bool take_answer(int fd, int wait_milliseconds) {
  char buffer[65536];
  pollfd one{.fd = fd, .events = POLLIN, .revents = 0};
  const bool came = poll(&one, 1, wait_milliseconds) == 1 && recv(fd, buffer, sizeof buffer, 0) > 0;
  close(fd);
  return came;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4 && argc != 5) return 2;
  const bool late = argc == 5 && std::strcmp(argv[4], "late") == 0;
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<unsigned short>(std::atoi(argv[1])));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const long long gap = 1'000'000'000LL / std::atoi(argv[2]);
  const long long users = 1'000'000'000LL / gap * std::atoi(argv[3]);
  char request[256];
  const int size = std::snprintf(request, sizeof request,
                                 "GET / HTTP/1.1\r\nhost: 127.0.0.1:%s\r\nuser-agent: Artillery "
                                 "(https://artillery.io)\r\naccept-encoding: gzip, deflate, br, zstd\r\n\r\n",
                                 argv[1]);
  prctl(PR_SET_TIMERSLACK, 1UL);
  timespec due;
  clock_gettime(CLOCK_MONOTONIC, &due);
  long long answers = 0;
  int before = -1;  // of the user before, its answer not read yet
  for (long long user = 0; user < users; ++user) {
    due.tv_nsec += gap;
    if (due.tv_nsec >= 1'000'000'000) {
      due.tv_nsec -= 1'000'000'000;
      ++due.tv_sec;
    }
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, nullptr);
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0 ||
        send(fd, request, static_cast<size_t>(size), MSG_NOSIGNAL) != size) {
      close(fd);
    } else if (!late) {
      answers += take_answer(fd, 10'000) ? 1 : 0;
    } else {
      if (before >= 0) answers += take_answer(before, 10'000) ? 1 : 0;
      before = fd;
    }
  }
  if (before >= 0) answers += take_answer(before, 10'000) ? 1 : 0;
  std::printf("%lld\n", answers);
}
