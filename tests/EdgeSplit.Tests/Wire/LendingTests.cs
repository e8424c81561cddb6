using EdgeSplit.Compute;
using EdgeSplit.Models;
using EdgeSplit.Models.Zoo;
using EdgeSplit.Numerics;
using EdgeSplit.Wire;

namespace EdgeSplit.Tests.Wire;

/// <summary>A server whose links share one pool: who sends while others are idle is lent their shares, in both directions.</summary>
public class LendingTests
{
    private const double Share = 1e6;
    private const double Capacity = 1e9;

    private static readonly Network Mlp = new(ModelZoo.Create("mlp", new Shape(1, 28, 28), 10));

    [Fact]
    public async Task A_device_that_sends_alone_is_told_the_rate_of_the_whole_link()
    {
        (ResumableLink server, ResumableLink device) = await StartAsync(new LentPool(new ShareLender(Capacity), double.PositiveInfinity), downlink: null);
        await using (server)
        await using (device)
        {
            Assert.Equal(Share, device.Pacer.BitsPerSecond);
            // 0.6 MB: five seconds at its own share.
            await device.SendAsync(new Message.RoundEnd(1, WeightInitializer.Initialize(Mlp, 1), new TrainingTally(1, 1, 1, 1)), default);
            (await server.ReceiveAsync(default)).Discard();
            Assert.Equal(Capacity, device.Pacer.BitsPerSecond);
        }
    }

    [Fact]
    public async Task A_server_sends_to_a_device_at_the_rate_that_the_others_leave_within_the_device_own()
    {
        (ResumableLink server, ResumableLink device) = await StartAsync(uplink: null, new LentPool(new ShareLender(Capacity), Capacity / 2));
        await using (server)
        await using (device)
            Assert.Equal(Capacity / 2, server.Pacer.BitsPerSecond);
    }

    [Fact]
    public async Task Without_a_pool_a_sender_keeps_to_its_share()
    {
        RoundAgreement agreement = new(Mlp, 1, Mlp.Length, 8, new LinkShare(3e6, 5e6));
        await using ResumableLink server = new(LinkEnd.Server, Mlp, new LinkOptions(TimeProvider.System));
        await using ResumableLink device = new(LinkEnd.Device, Mlp, new LinkOptions(TimeProvider.System));
        server.Agree(agreement);
        device.Agree(agreement);
        Assert.Equal((5e6, 3e6), (server.Pacer.BitsPerSecond, device.Pacer.BitsPerSecond));
        server.Agree(agreement with { Share = null });
        Assert.Null(server.Pacer.BitsPerSecond);
    }

    private static async Task<(ResumableLink Server, ResumableLink Device)> StartAsync(LentPool? uplink, LentPool? downlink)
    {
        ResumableLink server = new(LinkEnd.Server, Mlp, new LinkOptions(TimeProvider.System) { Uplink = uplink, Downlink = downlink });
        ResumableLink device = new(LinkEnd.Device, Mlp, new LinkOptions(TimeProvider.System));
        MemoryWire wire = new();
        _ = server.RunAsync(new FrameConnection(wire.Server, TimeProvider.System), 0, default);
        _ = device.RunAsync(new FrameConnection(wire.Device, TimeProvider.System), 0, default);
        LinkShare share = new(Share, downlink is null ? Capacity : Share);
        RoundAgreement agreement = new(Mlp, 1, Mlp.Length, 8, share);
        using Weights weights = WeightInitializer.Initialize(Mlp, 1);
        server.Agree(agreement);
        await server.SendAsync(new Message.RoundStart(1, Mlp.Length, 0.1, weights, share), default);
        await device.ReceiveAsync(default);
        device.Agree(agreement);
        return (server, device);
    }
}
