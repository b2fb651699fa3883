#include "analyzer/app_files.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "io/file_descriptor.h"

namespace fabrix::analyzer {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kFirst = 3;  // segment after /app/APP/html

bool may_be_asked_for(const std::string& segment) {
  return !segment.starts_with('.') && segment.find('/') == std::string::npos;
}

io::FileDescriptor open_beneath(const std::string& folder, const std::string& path) {
  const io::FileDescriptor root(open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!root.valid()) return {};
  open_how how{};
  how.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK;  // of a FIFO nobody waits for a writer
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  const auto fd = syscall(SYS_openat2, root.get(), path.c_str(), &how, sizeof how);
  return io::FileDescriptor(static_cast<int>(fd));
}

// None: it cannot be read, or is not of that length any more.
std::optional<std::string> read_all(int fd, std::size_t size) {
  std::string content(size, '\0');
  std::size_t have = 0;
  while (have < size) {
    const ssize_t count = read(fd, content.data() + have, size - have);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return std::nullopt;
    have += static_cast<std::size_t>(count);
  }
  return content;
}

http::Response nothing_here() {
  return http::problem(404, "there is no such file");
}

// Links in a page are relative to its path, which must therefore end with the page's name.
http::Response on_to_index(const std::vector<std::string>& segments) {
  std::string location;
  for (const std::string& each : segments) location += "/" + http::percent_encode(each);
  return {.status = 302,
          .headers = {{.name = "Location", .value = location + "/index.html"}},
          .body = {}};
}

}  // namespace

std::optional<std::string> application_of(const std::string& script) {
  const fs::path folder = fs::path(script).parent_path();
  std::string name = folder.parent_path().filename().string();
  if (folder.filename() != "scripts" || name.empty()) return std::nullopt;
  return name;
}

std::string_view content_type_of(std::string_view file) {
  using Known = std::pair<std::string_view, std::string_view>;
  static constexpr auto kKnown = std::to_array<Known>({
      {".html", "text/html; charset=utf-8"},
      {".htm", "text/html; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".js", "text/javascript; charset=utf-8"},
      {".mjs", "text/javascript; charset=utf-8"},
      {".json", "application/json"},
      {".map", "application/json"},
      {".txt", "text/plain; charset=utf-8"},
      {".md", "text/plain; charset=utf-8"},
      {".csv", "text/csv; charset=utf-8"},
      {".xml", "application/xml"},
      {".svg", "image/svg+xml"},
      {".png", "image/png"},
      {".gif", "image/gif"},
      {".jpg", "image/jpeg"},
      {".jpeg", "image/jpeg"},
      {".webp", "image/webp"},
      {".ico", "image/vnd.microsoft.icon"},
      {".woff", "font/woff"},
      {".woff2", "font/woff2"},
      {".ttf", "font/ttf"},
      {".pdf", "application/pdf"},
      {".wasm", "application/wasm"},
  });
  const std::size_t dot = file.rfind('.');
  std::string extension(dot == std::string_view::npos ? std::string_view() : file.substr(dot));
  std::ranges::transform(extension, extension.begin(), [](char each) {
    return each >= 'A' && each <= 'Z' ? static_cast<char>(each - 'A' + 'a') : each;
  });
  const auto* const found = std::ranges::find(kKnown, extension, &Known::first);
  return found == kKnown.end() ? "application/octet-stream" : found->second;
}

Result<AppFiles> AppFiles::of(const std::vector<std::string>& scripts) {
  AppFiles files;
  for (const std::string& script : scripts) {
    const auto application = application_of(script);
    if (!application) continue;
    const std::string html = (fs::path(script).parent_path().parent_path() / "html").string();
    const auto [place, is_new] = files.folders_.emplace(*application, html);
    if (!is_new && place->second != html) {
      return fail(Error{fmt::format("two applications are called '{}'", *application)});
    }
  }
  return files;
}

bool AppFiles::is_for_files(const http::Request& request) {
  const auto& path = request.target.segments;
  return path.size() >= kFirst && path[0] == "app" && path[2] == "html";
}

http::Response AppFiles::answer(const http::Request& request) const {
  const auto& path = request.target.segments;
  if (request.method != http::Method::kGet && request.method != http::Method::kHead) {
    return http::method_not_allowed("GET, HEAD");
  }
  const auto folder = folders_.find(path[1]);
  if (folder == folders_.end()) return nothing_here();
  std::string file = ".";
  for (std::size_t i = kFirst; i < path.size(); ++i) {
    if (!may_be_asked_for(path[i])) return nothing_here();
    file += "/" + path[i];
  }
  const auto opened = open_beneath(folder->second, file);
  struct stat about {};
  if (!opened.valid() || fstat(opened.get(), &about) != 0) return nothing_here();
  if (S_ISDIR(about.st_mode)) return on_to_index(path);
  if (!S_ISREG(about.st_mode)) return nothing_here();
  const auto size = static_cast<std::size_t>(about.st_size);
  if (size > kMaxFile) {
    return http::problem(500, fmt::format("the file has more than {} octets", kMaxFile));
  }
  auto content = read_all(opened.get(), size);
  if (!content) return nothing_here();
  return {.status = 200,
          .headers = {{.name = "Content-Type", .value = std::string(content_type_of(file))},
                      {.name = "Cache-Control", .value = "no-cache"},
                      {.name = "X-Content-Type-Options", .value = "nosniff"}},
          .body = *std::move(content)};
}

}  // namespace fabrix::analyzer
