// Whatever a client sends, and however it is cut: the reader ends, keeps its bounds, and reads the
// same requests from the octets one by one as from all at once.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <vector>

#include "http/request_reader.h"

namespace {

using fabrix::http::RequestReader;

constexpr fabrix::http::RequestLimits kLimits{.header_octets = 512, .body_octets = 256};

struct Reading {
  std::vector<std::string> requests;
  unsigned refused = 0;
};

std::string text_of(const fabrix::http::Request& request) {
  std::string text(to_string(request.method));
  for (const auto& segment : request.target.segments) text += '/' + segment;
  for (const auto& header : request.headers) text += '\n' + header.name + ':' + header.value;
  return text + "\n\n" + request.body;
}

void advance(RequestReader& reader, Reading& reading) {
  auto step = reader.next();
  for (; step == RequestReader::Step::kRequest; step = reader.next()) {
    const auto read = reader.take();
    if (read.request.body.size() > kLimits.body_octets) std::abort();
    reading.requests.push_back(text_of(read.request));
  }
  static_cast<void>(reader.take_expectation());
  if (step == RequestReader::Step::kRefused) reading.refused = reader.refusal().status;
}

Reading read(std::span<const std::byte> input, std::size_t cut) {
  RequestReader reader(kLimits);
  Reading reading;
  for (std::size_t at = 0; at < input.size() && reading.refused == 0; at += cut) {
    reader.append(input.subspan(at, std::min(cut, input.size() - at)));
    advance(reader, reading);
    if (reading.refused == 0 && reader.buffered() > kLimits.header_octets) std::abort();
  }
  return reading;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = std::as_bytes(std::span(data, size));
  if (size == 0) return 0;
  const Reading whole = read(input, size);
  const Reading pieces = read(input, 1);
  // Near the limit of a header it counts a little differently when it comes in pieces.
  if (size >= kLimits.header_octets) return 0;
  if (whole.requests != pieces.requests) std::abort();
  // Nonsense in pieces may be waited for to its end before it is refused.
  if (pieces.refused != 0 && whole.refused == 0) std::abort();
  return 0;
}
