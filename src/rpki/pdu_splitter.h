// PduSplitter: a byte stream in any portions to whole RTR PDUs (RFC 8210 §5).
//
// At most one incomplete PDU, of at most max_size() octets, is buffered; a PDU that arrives in one
// piece is not copied. After a fault the stream has no meaning any more: do not ask again.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "rpki/rtr_message.h"

namespace fabrix::rpki {

class PduSplitter {
 public:
  // The next whole PDU, good until the next call and as long as the bytes given; none if more
  // octets are needed, and then `bytes` is empty. Takes what it consumes off the front of `bytes`.
  // Fails with the header, whose length no PDU can have.
  Result<std::optional<std::span<const std::byte>>, std::vector<std::byte>> next(
      std::span<const std::byte>& bytes);

  // Forgets what it has buffered.
  void reset();

 private:
  bool fill(std::span<const std::byte>& bytes, std::size_t size);

  std::vector<std::byte> buffer_;
  bool delivered_ = false;  // buffer_ is a PDU that the caller has seen
};

}  // namespace fabrix::rpki
