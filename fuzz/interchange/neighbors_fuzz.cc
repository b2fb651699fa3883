// Whatever the text, an import says what is wrong with it, or gives an exchange.yaml that load()
// takes.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "exchange/load.h"
#include "interchange/neighbors.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  const auto imported = fabrix::interchange::import_neighbors(text, "peers.json",
                                                              fabrix::exchange::PolicyPreset::kIxp);
  if (!imported && imported.error().empty()) std::abort();
  if (imported && !fabrix::exchange::load(imported->yaml, "exchange.yaml")) std::abort();
  return 0;
}
