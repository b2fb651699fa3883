// Whatever the text, an import says what is wrong with it, or gives a policy that can be read.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "interchange/isdx.h"

namespace {

fabrix::exchange::Exchange exchange() {
  fabrix::exchange::Exchange result;
  for (std::uint16_t i = 0; i < 3; ++i) {
    fabrix::exchange::Participant each;
    each.id = {i};
    each.name = std::string(1, static_cast<char>('A' + i));
    each.routers = {{i}};
    result.participants.push_back(each);
  }
  return result;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fabrix::exchange::Exchange members = exchange();
  const std::string text(data, data + size);
  const auto imported = fabrix::interchange::import_isdx(text, "p.json", members, {0});
  if (!imported && imported.error().empty()) std::abort();
  if (imported && !imported->starts_with("# A's policy")) std::abort();
  return 0;
}
