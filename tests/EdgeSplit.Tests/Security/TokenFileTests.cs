using EdgeSplit.Tests.Data;
using EdgeSplit.Wire.Security;

namespace EdgeSplit.Tests.Security;

public sealed class TokenFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly DeviceToken token = DeviceToken.Create();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void It_is_read_as_it_was_written_and_nobody_else_may_read_it()
    {
        TokenFile.Write(folder.At("token"), token, replace: false);
        Assert.Equal(token.Reveal(), TokenFile.Read(folder.At("token"), TextReader.Null).Reveal());
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder.At("token")));
    }

    [Fact]
    public void A_token_from_standard_input_is_its_first_line() =>
        Assert.Equal(token.Reveal(), TokenFile.Read("-", new StringReader($"{token.Reveal()}\r\nmore")).Reveal());

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.OtherWrite)]
    public void A_file_that_others_can_read_or_change_is_refused_without_showing_it(UnixFileMode others)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such modes.");
        TokenFile.Write(folder.At("token"), token, replace: false);
#pragma warning disable CA1416 // Windows has skipped this.
        File.SetUnixFileMode(folder.At("token"), AtomicFile.Private | others);
#pragma warning restore CA1416
        InvalidInputException refused = Assert.Throws<InvalidInputException>(() => TokenFile.Read(folder.At("token"), TextReader.Null));
        Assert.Contains("chmod 600", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(token.Reveal(), refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_holds_something_else_is_refused_without_showing_it()
    {
        AtomicFile.WriteText(folder.At("token"), "a password of another kind", mode: AtomicFile.Private);
        InvalidInputException refused = Assert.Throws<InvalidInputException>(() => TokenFile.Read(folder.At("token"), TextReader.Null));
        Assert.Contains("holds no token", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("password", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_endless_file_is_not_read_to_its_end()
    {
        Assert.SkipUnless(File.Exists("/dev/zero"), "There is no endless file here.");
        Assert.Throws<InvalidInputException>(() => TokenFile.Read("-", new StreamReader("/dev/zero")));
    }

    [Fact]
    public void A_file_that_is_there_is_replaced_only_when_asked()
    {
        folder.Write("token", "mine");
        Assert.Throws<InvalidInputException>(() => TokenFile.Write(folder.At("token"), token, replace: false));
        Assert.Equal("mine", File.ReadAllText(folder.At("token")));
        TokenFile.Write(folder.At("token"), token, replace: true);
        Assert.Equal(token.Reveal(), TokenFile.Read(folder.At("token"), TextReader.Null).Reveal());
    }
}
