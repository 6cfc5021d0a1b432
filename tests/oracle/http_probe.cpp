// http_probe [--ca FILE] [--timeout MS] [--limit BYTES] [--body-bytes N] METHOD URL...: sends one
// request per URL, all at a time, with the product's HttpClient; prints a line of JSON for each
// reply: {"status", "body", "kind" (of header x-kind), "problem", "arrived"}.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "core/text.h"
#include "core/value.h"
#include "protocol/http_client.h"

int main(int argc, char** argv) {
  using namespace slsart;
  protocol::HttpClient::Options options;
  protocol::HttpRequest request;
  int at = 1;
  for (; at + 1 < argc && argv[at][0] == '-'; at += 2) {
    const std::string flag = argv[at];
    const char* const value = argv[at + 1];
    if (flag == "--ca") options.tls.ca = core::read_file(value).value();
    if (flag == "--timeout") request.timeout = std::chrono::milliseconds(std::atoi(value));
    if (flag == "--limit") request.body_limit_bytes = std::strtoul(value, nullptr, 10);
    if (flag == "--body-bytes") request.body.assign(std::strtoul(value, nullptr, 10), 'b');
  }
  if (at + 1 >= argc) return 2;
  request.method = argv[at++];
  std::vector<protocol::HttpRequest> requests;
  for (; at < argc; ++at) {
    requests.push_back(request);
    requests.back().url = argv[at];
  }
  auto client = protocol::HttpClient::make(std::move(options));
  if (!client) return 1;
  for (const protocol::HttpReply& reply : (*client)->send_all(requests)) {
    const core::Value line = core::Value::make_object({{"status", reply.status},
                                                       {"body", reply.body},
                                                       {"kind", reply.header("x-kind")},
                                                       {"problem", reply.problem},
                                                       {"arrived", reply.may_have_arrived}});
    std::printf("%s\n", core::to_json(line).c_str());
  }
}
