#include "rpki/pdu_splitter.h"

#include <algorithm>

namespace fabrix::rpki {
namespace {

Result<std::size_t, std::vector<std::byte>> size_of_pdu(std::span<const std::byte> bytes) {
  const auto header = bytes.first<kPduHeaderSize>();
  const PduHeader fields = read_header(header);
  const std::size_t size = fields.length;
  if (size >= kPduHeaderSize && size <= max_size(fields)) return size;
  return fail(std::vector<std::byte>(header.begin(), header.end()));
}

}  // namespace

Result<std::optional<std::span<const std::byte>>, std::vector<std::byte>> PduSplitter::next(
    std::span<const std::byte>& bytes) {
  if (delivered_) reset();
  if (buffer_.empty() && bytes.size() >= kPduHeaderSize) {
    FABRIX_TRY(const std::size_t size, size_of_pdu(bytes));
    if (bytes.size() >= size) {
      const auto pdu = bytes.first(size);
      bytes = bytes.subspan(size);
      return pdu;
    }
  }
  if (!fill(bytes, kPduHeaderSize)) return std::nullopt;
  FABRIX_TRY(const std::size_t size, size_of_pdu(buffer_));
  if (!fill(bytes, size)) return std::nullopt;
  delivered_ = true;
  return std::span<const std::byte>(buffer_);
}

void PduSplitter::reset() {
  buffer_.clear();
  delivered_ = false;
}

// Moves octets from `bytes` until `size` are buffered; false if there are not so many.
bool PduSplitter::fill(std::span<const std::byte>& bytes, std::size_t size) {
  const std::size_t wanted = size - std::min(size, buffer_.size());
  const auto taken = bytes.first(std::min(wanted, bytes.size()));
  buffer_.insert(buffer_.end(), taken.begin(), taken.end());
  bytes = bytes.subspan(taken.size());
  return buffer_.size() >= size;
}

}  // namespace fabrix::rpki
