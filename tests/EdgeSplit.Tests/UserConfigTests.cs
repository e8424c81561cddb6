namespace EdgeSplit.Tests;

public class UserConfigTests
{
    [Fact]
    public void A_rooted_XDG_CONFIG_HOME_wins()
    {
        string root = Path.GetFullPath("somewhere");
        Assert.Equal(Path.Combine(root, "edgesplit"), UserConfig.In(name => name == "XDG_CONFIG_HOME" ? root : null, home: "/home/someone"));
    }

    [Fact]
    public void Secrets_of_a_user_without_a_home_have_no_place_of_their_own()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has one for every user.");
        Assert.Null(UserConfig.In(_ => "relative", home: ""));
    }
}
