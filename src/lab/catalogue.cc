#include "lab/catalogue.h"

#include <algorithm>
#include <cstdlib>
#include <sstream>
#include <system_error>
#include <utility>

#include "exchange/load.h"
#include "exchange/yaml_reader.h"
#include "io/file.h"

namespace fabrix::lab {
namespace {

namespace fs = std::filesystem;

bool is_lab(const fs::path& folder) {
  std::error_code error;
  return fs::exists(folder / "lab.yaml", error) && fs::exists(folder / "exchange.yaml", error);
}

}  // namespace

std::vector<fs::path> catalogue_folders() {
  std::vector<fs::path> folders;
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing in Fabrix changes the environment.
  if (const char* const given = std::getenv("FABRIX_LABS")) {
    std::istringstream words(given);
    for (std::string word; std::getline(words, word, ':');) folders.emplace_back(word);
  }
  std::error_code error;
  folders.push_back(fs::current_path(error) / "labs");
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  for (fs::path above = program.parent_path(); above.has_relative_path();
       above = above.parent_path()) {
    folders.push_back(above / "labs");
    folders.push_back(above / "share" / "fabrix" / "labs");
  }
  return folders;
}

std::vector<Listed> list_labs(std::span<const fs::path> folders) {
  std::vector<Listed> labs;
  for (const fs::path& folder : folders) {
    std::error_code error;
    for (auto entry = fs::directory_iterator(folder, error);
         !error && entry != fs::directory_iterator(); entry.increment(error)) {
      const std::string name = entry->path().filename();
      if (!is_lab(entry->path())) continue;
      if (std::ranges::find(labs, name, &Listed::name) != labs.end()) continue;
      labs.push_back({name, entry->path()});
    }
  }
  std::ranges::sort(labs, {}, &Listed::name);
  return labs;
}

Result<fs::path> find_lab(std::string_view name, std::span<const fs::path> folders) {
  const auto labs = list_labs(folders);
  const auto found = std::ranges::find(labs, name, &Listed::name);
  if (found != labs.end()) return found->folder;
  std::vector<std::string> names;
  names.reserve(labs.size());
  for (const Listed& lab : labs) names.push_back(lab.name);
  return fail(Error{"no lab is called " + exchange::quote(name) + "; " +
                    exchange::suggest_name(name, names, "labs")});
}

Result<Definition> read_lab(const fs::path& folder) {
  const std::string exchange_file = folder / "exchange.yaml";
  FABRIX_TRY(const std::string exchange_text,
             io::read_file(exchange_file, exchange::kMaxConfigSize));
  auto exchange = exchange::load(exchange_text, exchange_file);
  if (!exchange) return fail(Error{render(exchange.error(), exchange_text)});
  const std::string lab_file = folder / "lab.yaml";
  FABRIX_TRY(const std::string lab_text, io::read_file(lab_file, exchange::kMaxConfigSize));
  auto definition = load_definition(lab_text, lab_file, *std::move(exchange));
  if (!definition) return fail(Error{render(definition.error(), lab_text)});
  return *std::move(definition);
}

}  // namespace fabrix::lab
