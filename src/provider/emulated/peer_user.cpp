#include "provider/emulated/peer_user.h"

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>

namespace slsart::provider::emulated {
namespace {

struct Ends {
  sockaddr_in own{};
  sockaddr_in peer{};
};

std::optional<Ends> ends_of(int descriptor) {
  Ends ends;
  socklen_t own_length = sizeof ends.own;
  socklen_t peer_length = sizeof ends.peer;
  if (getsockname(descriptor, reinterpret_cast<sockaddr*>(&ends.own), &own_length) != 0 ||
      getpeername(descriptor, reinterpret_cast<sockaddr*>(&ends.peer), &peer_length) != 0 ||
      ends.own.sin_family != AF_INET || ends.peer.sin_family != AF_INET) {
    return std::nullopt;
  }
  return ends;
}

// The user of the socket at the peer's end, by sock_diag(7).
std::optional<unsigned> ask_kernel(const Ends& ends) {
  const int netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
  if (netlink < 0) return std::nullopt;
  struct {
    nlmsghdr header;
    inet_diag_req_v2 body;
  } question{};
  question.header.nlmsg_len = sizeof question;
  question.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  question.header.nlmsg_flags = NLM_F_REQUEST;
  question.body.sdiag_family = AF_INET;
  question.body.sdiag_protocol = IPPROTO_TCP;
  question.body.idiag_states = ~0u;
  question.body.id.idiag_sport = ends.peer.sin_port;
  question.body.id.idiag_dport = ends.own.sin_port;
  question.body.id.idiag_src[0] = ends.peer.sin_addr.s_addr;
  question.body.id.idiag_dst[0] = ends.own.sin_addr.s_addr;
  question.body.id.idiag_cookie[0] = INET_DIAG_NOCOOKIE;
  question.body.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
  alignas(nlmsghdr) char answer[4096];
  ssize_t got = -1;
  if (send(netlink, &question, sizeof question, 0) == sizeof question) {
    got = recv(netlink, answer, sizeof answer, MSG_DONTWAIT);  // answered before send() returns
  }
  close(netlink);
  if (got < static_cast<ssize_t>(NLMSG_LENGTH(sizeof(inet_diag_msg)))) return std::nullopt;
  nlmsghdr header;
  std::memcpy(&header, answer, sizeof header);
  if (header.nlmsg_type != SOCK_DIAG_BY_FAMILY) return std::nullopt;
  inet_diag_msg message;
  std::memcpy(&message, answer + NLMSG_HDRLEN, sizeof message);
  return message.idiag_uid;
}

// The same from /proc/net/tcp: "  1: 0100007F:1F90 0100007F:D431 01 ... uid ...".
std::optional<unsigned> read_table(const Ends& ends) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> table(std::fopen("/proc/net/tcp", "re"),
                                                              std::fclose);
  if (!table) return std::nullopt;
  char line[512];
  while (std::fgets(line, sizeof line, table.get()) != nullptr) {
    unsigned from = 0, from_port = 0, to = 0, to_port = 0, user = 0;
    const int found = std::sscanf(line, " %*u: %8X:%4X %8X:%4X %*2X %*8X:%*8X %*2X:%*8X %*8X %u",
                                  &from, &from_port, &to, &to_port, &user);
    if (found == 5 && from == ends.peer.sin_addr.s_addr && from_port == ntohs(ends.peer.sin_port) &&
        to == ends.own.sin_addr.s_addr && to_port == ntohs(ends.own.sin_port)) {
      return user;
    }
  }
  return std::nullopt;
}

}  // namespace

bool peer_is_own_user(int descriptor) {
  const std::optional<Ends> ends = ends_of(descriptor);
  if (!ends) return false;
  std::optional<unsigned> user = ask_kernel(*ends);
  if (!user) user = read_table(*ends);
  return user && *user == geteuid();
}

}  // namespace slsart::provider::emulated
