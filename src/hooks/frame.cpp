// Hot path: see architecture §9
#include "hooks/frame.h"

namespace slsart::hooks {
namespace {

void append_u32(std::size_t number, std::string& out) {
  for (int shift = 0; shift < 32; shift += 8) out += static_cast<char>((number >> shift) & 0xff);
}

std::size_t read_u32(std::string_view bytes) {
  std::size_t number = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    number |= static_cast<std::size_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  }
  return number;
}

}  // namespace

void FrameWriter::seal(std::string& out) {
  if (json_.empty()) return;
  json_ += ']';
  append_u32(4 + json_.size() + bytes_.size(), out);
  append_u32(json_.size(), out);
  out += json_;
  out += bytes_;
  clear();
}

void FrameWriter::clear() {
  json_.clear();
  bytes_.clear();
}

core::Result<void> FrameReader::push(std::string_view bytes) {
  buffer_.erase(0, begin_);
  begin_ = 0;
  buffer_ += bytes;
  if (buffer_.size() >= 4 && read_u32(buffer_) > kMaxFrameBytes) {
    return core::Error{.code = core::ErrorCode::kLimit,
                       .message = "the processor's process sent more than it may at once",
                       .hint = {},
                       .offset = {}};
  }
  return {};
}

bool FrameReader::next(std::string_view& json) {
  const std::string_view rest = std::string_view(buffer_).substr(begin_);
  if (rest.size() < 4) return false;
  const std::size_t size = read_u32(rest);
  if (rest.size() - 4 < size) return false;
  json = rest.substr(4, size);
  begin_ += 4 + size;
  return true;
}

void FrameReader::clear() {
  buffer_.clear();
  begin_ = 0;
}

}  // namespace slsart::hooks
