#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/result.h"
#include "net/loop.h"
#include "provider/emulated/http_request.h"

namespace slsart::provider::emulated {

// A small HTTP/1.1 server on 127.0.0.1 and a port that the system chooses. A connection has one
// request at a time, which may be answered much later. Belongs to its loop's thread.
class HttpServer {
 public:
  using Id = std::uint64_t;  // of a request; never used again

  struct Options {
    std::function<void(Id, HttpRequest&&)> on_request;
    std::function<void(Id)>
        on_gone;                 // the one who asked has left, its request is not to be answered
    bool own_user_only = false;  // connections of other users of the machine are closed at once
    std::size_t max_connections = 2048;  // more are closed at once
  };
  // Errors: kIo.
  static core::Result<std::unique_ptr<HttpServer>> make(net::Loop& loop, Options options);
  // Not from inside a callback.
  ~HttpServer();

  std::uint16_t port() const { return port_; }
  // Harmless when the one who asked has left.
  void answer(Id request, const HttpAnswer& answer);
  // Closes the connection instead, as if the answer had got lost.
  void drop(Id request);
  // Closes what has been idle for longer than `limit`, and frees what was closed. From a timer.
  void sweep(core::Duration limit);

 private:
  class Connection;
  class Listener;
  HttpServer(net::Loop& loop, Options options);
  core::Result<void> open();
  void accepted(int descriptor);
  void closed(Connection& connection);

  net::Loop& loop_;
  Options options_;
  std::uint16_t port_ = 0;
  Id next_id_ = 1;
  std::unique_ptr<Listener> listener_;
  std::unordered_map<Connection*, std::unique_ptr<Connection>> connections_;
  std::unordered_map<Id, Connection*> waiting_;      // for their answer
  std::vector<std::unique_ptr<Connection>> closed_;  // freed by sweep()
};

}  // namespace slsart::provider::emulated
