// Whatever the bytes, MrtReader stays within them and comes to an end; and what it accepts,
// encode_mrt() says again, so that reading that yields the same.
#include <cstdlib>
#include <tuple>

#include "monitoring/mrt_reader.h"
#include "monitoring/old_table_dump.h"

namespace {

using fabrix::monitoring::MrtReader;
using fabrix::monitoring::MrtRecord;
using fabrix::monitoring::UnknownRecord;

void must_survive(const MrtRecord& record) {
  fabrix::ByteWriter out;
  if (!encode_mrt(record, out)) std::abort();
  MrtReader reader(out.view());
  const auto again = reader.next();
  if (!again || !*again || !(**again == record) || reader.remaining() != 0) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  MrtReader reader(std::as_bytes(std::span(data, size)));
  while (true) {
    const std::size_t before = reader.remaining();
    const auto record = reader.next();
    if (record && !*record) return 0;
    if (record) must_survive(**record);
    const auto* unknown = record ? std::get_if<UnknownRecord>(&(*record)->body) : nullptr;
    if (unknown != nullptr) std::ignore = read_old_table_entry(*unknown);
    if (!record && reader.remaining() == before) return 0;
  }
}
