// LineEditor: lines that a person types, with editing and history on a terminal.
#pragma once

#include <memory>
#include <optional>
#include <string>

namespace fabrix::lab {

class LineEditor {
 public:
  explicit LineEditor(std::string prompt);
  ~LineEditor();
  LineEditor(const LineEditor&) = delete;
  LineEditor& operator=(const LineEditor&) = delete;
  LineEditor(LineEditor&&) = delete;
  LineEditor& operator=(LineEditor&&) = delete;

  // The next line without its newline; none at the end of input. Without a terminal on stdin there
  // is neither prompt nor history.
  std::optional<std::string> read();

 private:
  struct Editor;
  std::string prompt_;
  std::unique_ptr<Editor> editor_;  // null: no terminal
};

}  // namespace fabrix::lab
