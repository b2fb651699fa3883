// Whatever a list of makers or a URI says, it is read or left out: names have letters and digits
// only, and a URI that is normalized stays as it is.
//
// Input: a list of makers, and as a whole a URI too.
#include <cstdlib>
#include <string>
#include <string_view>

#include "sflow/xdr.h"
#include "telemetry/oui_table.h"
#include "telemetry/uri_part.h"

namespace fabrix::telemetry {
namespace {

void run(std::string_view text) {
  const OuiTable table = OuiTable::parse(text);
  for (const std::uint32_t oui : {0U, 0x002272U, 0xffffffU}) {
    if (const auto maker = table.maker_of(oui); maker && maker->empty()) std::abort();
  }
  for (const std::string_view part : kUriParts) {
    std::string out;
    const bool found = append_uri_part(text, part, out);
    if (!found && !out.empty()) std::abort();
    if (part != "normalized") continue;
    std::string again;
    append_uri_part(out, part, again);
    if (again.size() > out.size()) std::abort();
  }
}

}  // namespace
}  // namespace fabrix::telemetry

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fabrix::telemetry::run(fabrix::sflow::as_text(std::as_bytes(std::span(data, size))));
  return 0;
}
