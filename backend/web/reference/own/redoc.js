const family = "system-ui, sans-serif";

Redoc.init(
  "/openapi.json",
  {
    expandResponses: "200,201",
    jsonSampleExpandLevel: 3,
    sortRequiredPropsFirst: true,
    theme: {
      typography: {
        fontFamily: family,
        headings: { fontFamily: family },
        code: { fontFamily: "ui-monospace, monospace" },
      },
    },
  },
  document.getElementById("page"),
);
