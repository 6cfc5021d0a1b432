// Requests to the emulated Lambda. The same is understood however the bytes are cut; what is
// accepted is fit to be used.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "provider/emulated/http_request.h"

namespace {

using slsart::provider::emulated::HttpRequest;
using slsart::provider::emulated::RequestReader;

void require(bool holds) {
  if (!holds) std::abort();
}

std::string tell(std::string_view bytes, std::size_t piece) {
  RequestReader reader;
  std::string story;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    std::string_view part = bytes.substr(at, piece);
    while (!part.empty()) {
      const auto progress = reader.feed(part);
      if (progress == RequestReader::Progress::kFault) {
        require(reader.fault_status() >= 400);
        return story + std::to_string(reader.fault_status());
      }
      if (progress == RequestReader::Progress::kIncomplete) {
        require(part.empty());
        break;
      }
      const HttpRequest request = reader.take();
      require(request.path.front() == '/' && request.path.find('?') == std::string::npos);
      story += request.method + " " + request.path + "?" + request.query + "\n";
      for (const auto& [name, value] : request.headers) {
        require(value.find_first_of("\r\n") == std::string::npos);
        story += name + ":" + value + "\n";
      }
      story += request.body + "\n";
    }
  }
  return story + (reader.is_between_requests() ? "." : "...");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::string whole = tell(bytes, bytes.size() + 1);
  require(tell(bytes, 1) == whole);
  require(tell(bytes, 7) == whole);
  return 0;
}
