/* SPDX-License-Identifier: Apache-2.0 */
/* Chooses the renderer of a format. */
#include "table/render.h"

#include "table/page_table.h"

struct table_sink *renderer_new(FILE *file, const struct render_options *options) {
  switch (options->format) {
    case FORMAT_CSV:
      return csv_renderer_new(file, options->bom);
    case FORMAT_JSON:
      return json_renderer_new(file, false);
    case FORMAT_NDJSON:
      return json_renderer_new(file, true);
    case FORMAT_XLSX:
      return xlsx_renderer_new(file);
    case FORMAT_HTML:
      return html_renderer_new(file);
    case FORMAT_MARKDOWN:
      return markdown_table_new(file, NULL);
    case FORMAT_TEXT:
      break;
  }
  return text_renderer_new(file, options);
}
