// A general.yml, a line "%%", and a clients.yml. Whatever they say, an import says what is wrong
// with it, or gives an exchange.yaml that load() takes.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "exchange/load.h"
#include "interchange/arouteserver.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  const std::size_t end = text.find("%%\n");
  if (end == std::string::npos) return 0;
  const std::string general = text.substr(0, end);
  const std::string clients = text.substr(end + 3);
  const auto imported =
      fabrix::interchange::import_arouteserver({general, "general.yml"}, {clients, "clients.yml"});
  if (!imported && imported.error().empty()) std::abort();
  if (imported && !fabrix::exchange::load(imported->yaml, "exchange.yaml")) std::abort();
  return 0;
}
