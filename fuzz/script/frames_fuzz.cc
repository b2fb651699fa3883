// Whatever the octets and however they come: the same messages come out, and framed again they are
// what came in.
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <vector>

#include "script/frames.h"

namespace {

using fabrix::script::FrameReader;

constexpr std::size_t kLongest = 64;

std::vector<std::string> read(std::span<const std::byte> octets, std::size_t piece) {
  FrameReader reader(kLongest);
  std::vector<std::string> messages;
  for (std::size_t at = 0; at < octets.size(); at += piece) {
    reader.append(octets.subspan(at, std::min(piece, octets.size() - at)));
    while (auto message = reader.next()) messages.push_back(*std::move(message));
  }
  return messages;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto octets = std::as_bytes(std::span(data, size));
  const auto whole = read(octets, size + 1);
  if (whole != read(octets, 1)) std::abort();
  std::string again;
  for (const std::string& message : whole) {
    if (message.size() > kLongest) std::abort();
    again += fabrix::script::frame_of(message);
  }
  if (again != std::string(data, data + again.size())) std::abort();
  return 0;
}
