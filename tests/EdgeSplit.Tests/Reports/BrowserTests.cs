using EdgeSplit.Tests.Cli;
using EdgeSplit.Tests.Data;
using EdgeSplit.Tests.Torch;
using PuppeteerSharp;
using PuppeteerSharp.Media;

namespace EdgeSplit.Tests.Reports;

/// <summary>Reports as a real browser shows them: from disk and without a network, on a desk, a phone and paper.</summary>
[Collection(TorchCollection.Name)]
public sealed class BrowserTests(BrowserTests.Pages pages) : IClassFixture<BrowserTests.Pages>
{
    private const int Desk = 1280, Phone = 360;

    /// <summary>A4 without margins of 10 mm, in pixels of 1/96 inch.</summary>
    private const int PaperWidth = 718, PaperHeight = 1047;

    /// <summary>What is said of each text in a chart, its box in pixels of the screen.</summary>
    private const string Texts = """
        [...document.querySelectorAll('figure')].flatMap(figure => [...figure.querySelectorAll('text')].map(text => {
            const box = text.getBoundingClientRect(), drawing = text.ownerSVGElement.getBoundingClientRect();
            const scale = drawing.width / text.ownerSVGElement.viewBox.baseVal.width;
            return {
                chart: figure.id, words: text.textContent, size: parseFloat(getComputedStyle(text).fontSize) * scale,
                left: box.left - drawing.left, right: drawing.right - box.right, top: box.top - drawing.top, bottom: drawing.bottom - box.bottom,
                width: box.width, height: box.height };
        }))
        """;

    private readonly List<string> complaints = [];

    [Theory]
    [InlineData("comparison")]
    [InlineData("run")]
    public async Task Opened_from_disk_it_asks_for_nothing_and_the_console_stays_empty(string kind)
    {
        await using IBrowser browser = await LaunchAsync();
        await using IPage page = await OpenAsync(browser, kind, Desk);

        Assert.NotEmpty(await page.GetTitleAsync());
        Assert.True(await page.EvaluateExpressionAsync<int>("document.querySelectorAll('figure svg').length") >= 8);
        Assert.Equal("CSS1Compat", await page.EvaluateExpressionAsync<string>("document.compatMode"));
        Assert.Empty(complaints);
    }

    [Theory]
    [InlineData("comparison", Desk, 11)]
    [InlineData("run", Desk, 11)]
    [InlineData("comparison", Phone, 8)]
    [InlineData("run", Phone, 8)]
    public async Task Nothing_is_wider_than_the_screen_and_no_label_lies_on_another(string kind, int width, double leastPixels)
    {
        await using IBrowser browser = await LaunchAsync();
        await using IPage page = await OpenAsync(browser, kind, width);

        Assert.Equal(width, await page.EvaluateExpressionAsync<int>("document.documentElement.scrollWidth"));
        Text[] texts = await page.EvaluateExpressionAsync<Text[]>(Texts);
        Assert.NotEmpty(texts);
        Assert.All(texts, text => Assert.True(text.Size >= leastPixels, $"{text} is small"));
        Assert.All(texts, text => Assert.True(Math.Min(Math.Min(text.Left, text.Right), Math.Min(text.Top, text.Bottom)) >= -0.5, $"{text} is cut off"));
        foreach (IGrouping<string, Text> chart in texts.GroupBy(text => text.Chart))
        {
            Text[] labels = [.. chart];
            for (int first = 0; first < labels.Length; first++)
            {
                for (int second = first + 1; second < labels.Length; second++)
                    Assert.False(labels[first].LiesOn(labels[second]), $"{labels[first]} lies on {labels[second]}");
            }
        }
    }

    [Theory]
    [InlineData("comparison")]
    [InlineData("run")]
    public async Task On_paper_tables_and_charts_fit_and_no_chart_is_torn(string kind)
    {
        await using IBrowser browser = await LaunchAsync();
        await using IPage page = await OpenAsync(browser, kind, PaperWidth);
        await page.EmulateMediaTypeAsync(MediaType.Print);

        Assert.Equal(PaperWidth, await page.EvaluateExpressionAsync<int>("document.documentElement.scrollWidth"));
        Assert.All(
            await page.EvaluateExpressionAsync<double[]>("[...document.querySelectorAll('table')].map(table => table.getBoundingClientRect().right)"),
            right => Assert.InRange(right, 0, PaperWidth));
        Assert.All(
            await page.EvaluateExpressionAsync<double[]>("[...document.querySelectorAll('figure')].map(figure => figure.getBoundingClientRect().height)"),
            height => Assert.InRange(height, 1, PaperHeight));
        Assert.All(await page.EvaluateExpressionAsync<Text[]>(Texts), text => Assert.True(text.Size >= 8, $"{text} is under 6 points"));
        Assert.Equal("avoid", await page.EvaluateExpressionAsync<string>("[...new Set([...document.querySelectorAll('figure')].map(figure => getComputedStyle(figure).breakInside))].join()"));
        Assert.True((await page.PdfDataAsync(new PdfOptions { Format = PaperFormat.A4 })).AsSpan().StartsWith("%PDF"u8));
        Assert.Empty(complaints);
    }

    private static async Task<IBrowser> LaunchAsync()
    {
        string? browser = FindBrowser();
        Assert.SkipWhen(browser is null, "There is no Chromium on this machine, and EDGESPLIT_BROWSER names no other.");
        // A container's root has no sandbox to give.
        return await Puppeteer.LaunchAsync(new LaunchOptions { ExecutablePath = browser, Headless = true, Args = ["--no-sandbox", "--disable-dev-shm-usage"] });
    }

    private static string? FindBrowser() => Environment.GetEnvironmentVariable("EDGESPLIT_BROWSER") ?? (
        from directory in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        from name in (string[])["chromium", "chromium-browser", "google-chrome", "chrome.exe"]
        let path = Path.Combine(directory, name)
        where File.Exists(path)
        select path).FirstOrDefault();

    private async Task<IPage> OpenAsync(IBrowser browser, string kind, int width)
    {
        Uri address = new(await pages.PathOfAsync(kind));
        IPage page = await browser.NewPageAsync();
        page.Console += (_, message) => complaints.Add(message.Message.Text);
        page.PageError += (_, error) => complaints.Add(error.Message);
        page.RequestFailed += (_, failed) => complaints.Add($"{failed.Request.Url} failed");
        page.Request += (_, request) =>
        {
            if (request.Request.Url != address.AbsoluteUri)
                complaints.Add($"asks for {request.Request.Url}");
        };
        await page.SetViewportAsync(new ViewPortOptions { Width = width, Height = 800, IsMobile = width == Phone });
        await page.SetOfflineModeAsync(true);
        await page.GoToAsync(address.AbsoluteUri, WaitUntilNavigation.Networkidle0);
        return page;
    }

    /// <summary>A comparison's page and a run's, made when first asked for.</summary>
    public sealed class Pages : IDisposable
    {
        private static readonly string[] Small =
        [
            Repository.PathOf("examples", "fashion-fleet.yaml"), "--set", "training.rounds=3", "--set", "training.localSteps=2",
            "--set", "data.trainSamples=200", "--set", "data.testSamples=50", "--progress", "plain",
        ];

        private readonly TemporaryFolder folder = new();

        public async Task<string> PathOfAsync(string kind)
        {
            string made = folder.At(kind);
            if (!Directory.Exists(made))
            {
                await CommandLine.RunWellAsync([kind == "run" ? "train" : "compare", .. Small, "--out", made]);
                await CommandLine.RunWellAsync("report", made);
            }

            return Path.Combine(made, "report.html");
        }

        public void Dispose() => folder.Dispose();
    }

    /// <summary>A text in a chart; its distances from the chart's edges, and its size on the screen, in pixels.</summary>
    private sealed record Text(string Chart, string Words, double Size, double Left, double Right, double Top, double Bottom, double Width, double Height)
    {
        public bool LiesOn(Text other) =>
            Math.Min(Left + Width, other.Left + other.Width) - Math.Max(Left, other.Left) > 1 &&
            Math.Min(Top + Height, other.Top + other.Height) - Math.Max(Top, other.Top) > 3;

        public override string ToString() => $"'{Words}' of {Chart} ({Size:0.0} px, {Left:0.0} from the left, {Top:0.0} from the top)";
    }
}
